package dev.rollcall.inmemory.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.Txn;
import dev.rollcall.tck.nemesis.Cluster;
import dev.rollcall.tck.nemesis.Fault;
import dev.rollcall.tck.nemesis.KnownFault;
import dev.rollcall.tck.server.FreePorts;
import dev.rollcall.tck.server.TcpProxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A store in memory behind members that have nothing to do with it. */
final class FakeCluster implements Cluster {
    /** A member that only takes notes. */
    static final class NoteTaker implements Cluster.Member {
        private final String name;
        private final boolean leads;
        private final TcpProxy link = TcpProxy.to(FreePorts.find());
        private final List<String> notes;
        boolean up = true;
        boolean paused;
        boolean broken;
        Runnable onResume = () -> {};

        NoteTaker(String name, boolean leads, List<String> notes) {
            this.name = name;
            this.leads = leads;
            this.notes = notes;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public boolean leads() {
            return leads;
        }

        @Override
        public TcpProxy link() {
            return link;
        }

        @Override
        public void kill() {
            up = false;
            notes.add("kill " + name);
        }

        @Override
        public void launch() {
            up = true;
        }

        @Override
        public void awaitReady() {
            assertThat(up && !broken).isTrue();
        }

        @Override
        public void pause() {
            paused = true;
            notes.add("pause " + name);
        }

        @Override
        public void resume() {
            paused = false;
            onResume.run();
        }
    }

    final List<String> notes = new ArrayList<>();
    final List<NoteTaker> members;
    private final String url = "inmemory:nemesis-" + UUID.randomUUID();
    private final UnaryOperator<KvBackend> mutation;
    List<KnownFault> knownFaults = List.of();
    /** What only these servers suffer; asked each time. */
    Function<Fault, Optional<Disruption>> disruptions = fault -> Optional.empty();

    /** How many entries were taken away by hand; null if nobody can. */
    @Nullable
    AtomicInteger taken;

    /** Three members, of which the second leads. */
    FakeCluster(UnaryOperator<KvBackend> mutation) {
        this(mutation, "a", "b", "c");
    }

    /** Members of these names, of which the second leads, or the only one. */
    FakeCluster(UnaryOperator<KvBackend> mutation, String... names) {
        this.mutation = mutation;
        List<NoteTaker> all = new ArrayList<>();
        for (String name : names) {
            all.add(new NoteTaker(name, all.size() == 1 || names.length == 1, notes));
        }
        this.members = List.copyOf(all);
    }

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public List<NoteTaker> members() {
        return members;
    }

    @Override
    public List<KnownFault> knownFaults() {
        return knownFaults;
    }

    /** Takes away one entry after the other, through a handle of its own. */
    @Override
    public Optional<Disruption> disruption(Fault fault) {
        AtomicInteger count = taken;
        return fault != Fault.DELETE_ROOT || count == null
                ? disruptions.apply(fault)
                : Optional.of(undo -> {
                    try (KvBackend hand = KvBackends.open(url)) {
                        for (Key key : hand.keys(Directory.ROOT).join().keys()) {
                            // Whether it is still there or not.
                            hand.commit(Txn.builder().delete(key).build()).join();
                            count.incrementAndGet();
                        }
                    }
                });
    }

    @Override
    public KvBackend open() {
        return mutation.apply(KvBackends.open(url));
    }

    @Override
    public void close() {
        members.forEach(member -> member.link().close());
    }
}
