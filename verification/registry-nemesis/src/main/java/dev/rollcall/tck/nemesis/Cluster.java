package dev.rollcall.tck.nemesis;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.tck.server.TcpProxy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Real servers that agree with each other, each a process of its own, with proxies between them and their clients. */
public interface Cluster extends AutoCloseable {
    /** What runs, with its version, such as {@code etcd 3.5, 3 members}. */
    String name();

    /** The members, those that are down as well; always the same. */
    List<? extends Member> members();

    /**
     * A new handle that reaches every member through its {@link Member#link()}. All handles share a store, empty at first. Deadlines
     * of a few seconds let clients go on to the next operation while nothing answers.
     */
    KvBackend open();

    /** How the store is made to forget its history, if it has any. */
    default Optional<Runnable> compaction() {
        return Optional.empty();
    }

    /**
     * What {@code fault} does to these servers, where it is theirs alone to suffer; empty if they cannot, or not now, such as a second time. The other
     * faults need only {@link #members()}. Asked when a run begins, and before each fault, by the thread that causes it.
     */
    default Optional<Disruption> disruption(Fault fault) {
        return Optional.empty();
    }

    /**
     * How long {@code fault} has to last at least for these servers to feel all of it, such as a pause of the leader until they elect another. Zero
     * unless overridden.
     */
    default Duration leastTime(Fault fault) {
        return Duration.ZERO;
    }

    /** Faults of these servers that are known and no client can prevent: what bears their marks is no violation. */
    default List<KnownFault> knownFaults() {
        return List.of();
    }

    /** What the names of all threads of a handle contain, and of no others. */
    default String threadMark() {
        return "rollcall-";
    }

    /** A fault that only some servers can suffer. */
    interface Disruption {
        /**
         * Does it.
         *
         * @param undo takes what undoes a step, before that step is made; what comes last is undone first
         */
        void strike(Consumer<Runnable> undo);
    }

    /** One server. */
    interface Member {
        /** Its name in reports. */
        String name();

        /** Whether it leads the others; false if it is down or does not answer within a second or so. */
        boolean leads();

        /** Between the clients and this member. */
        TcpProxy link();

        /**
         * Between the other members and this one, for connections that they begin; empty if it cannot be had. Which way these carry messages is the
         * servers' affair: in etcd a member reads from the connections that it began, so these carry what this one says.
         */
        default Optional<TcpProxy> peerLink() {
            return Optional.empty();
        }

        /** Kills the process without giving it a chance to do anything. */
        void kill();

        /** Starts it again on its data, without waiting until it serves. */
        void launch();

        /** Waits until it serves. */
        void awaitReady();

        /** Stops the process where it is. */
        void pause();

        /** Lets it go on. */
        void resume();
    }

    /** Stops everything. */
    @Override
    void close();
}
