package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.TimeSource;
import dev.rollcall.kv.support.Durations;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Settings of a {@link NodeRegistry}. Not safe for use by several threads. */
public final class NodeRegistryBuilder<T> {
    final KvBackend backend;
    final NodeCodec<T> codec;
    private static final Directory TIDB_BINLOG_ROOT = Directory.of("/tidb-binlog/v1");

    Directory root = TIDB_BINLOG_ROOT;
    private boolean isRootGiven;
    NodeLayout layout = NodeLayout.TIDB_BINLOG;
    Duration requestTimeout = Duration.ofSeconds(5);

    @Nullable
    TimeSource time;

    boolean ownsBackend;

    NodeRegistryBuilder(KvBackend backend, NodeCodec<T> codec) {
        this.backend = requireNonNull(backend, "backend");
        this.codec = requireNonNull(codec, "codec");
    }

    /** Sets where the kinds are. Has to be set, except with {@link NodeCodec#tidbBinlog()}, whose root is {@code /tidb-binlog/v1}. */
    public NodeRegistryBuilder<T> root(Directory value) {
        isRootGiven = true;
        root = requireNonNull(value, "root");
        return this;
    }

    /**
     * Sets where things are below the root; {@link NodeLayout#TIDB_BINLOG} unless set. For records of one's own, which no program of TiDB's touches, {@link
     * NodeLayout#BY_KIND} is the better one: there a view costs what its own kind costs. All who use a root use the same.
     */
    public NodeRegistryBuilder<T> layout(NodeLayout value) {
        layout = requireNonNull(value, "layout");
        return this;
    }

    /**
     * Sets how long a method that blocks may take altogether, and how long closing waits; 5 seconds unless set. The backend's own deadline
     * applies as well, to each step.
     *
     * @throws IllegalArgumentException if it is not positive or longer than 365 days
     */
    public NodeRegistryBuilder<T> requestTimeout(Duration value) {
        Durations.check("request timeout", value);
        requestTimeout = value;
        return this;
    }

    /** Sets where time comes from; the clocks of this machine, and a timer thread of the registry's own, unless set. */
    public NodeRegistryBuilder<T> time(TimeSource value) {
        time = requireNonNull(value, "time");
        return this;
    }

    /** Sets whether closing the registry closes the backend; false unless set, since backends are shared as a rule. */
    public NodeRegistryBuilder<T> ownsBackend(boolean value) {
        ownsBackend = value;
        return this;
    }

    /**
     * Makes the registry. Sends nothing.
     *
     * @throws IllegalStateException if no root was set for records of one's own
     */
    public NodeRegistry<T> build() {
        if (!isRootGiven && codec != NodeCodec.tidbBinlog()) {
            throw new IllegalStateException("A registry of records of one's own needs a root, which was not set: call"
                    + " root(Directory.of(\"/…\")), or records would lie among those of TiDB, in '" + TIDB_BINLOG_ROOT
                    + "'.");
        }
        return new NodeRegistry<>(this);
    }
}
