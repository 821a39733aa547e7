package dev.rollcall.outage;

import dev.rollcall.inmemory.InMemoryStore;
import dev.rollcall.inmemory.ManualTime;
import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.TimeSource;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.support.ForwardingBackend;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.Registration;
import dev.rollcall.registry.RegistrationMode;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;

/** An application that may read and write, but not watch, through many attempts. */
final class RefusedWatchProgram {
    private static final int ATTEMPTS = 40;

    private RefusedWatchProgram() {}

    public static void main(String[] args) {
        Refusing backend = new Refusing(
                InMemoryStore.builder().time(new ManualTime()).build().open());
        NodeRegistry<NodeStatus> registry = NodeRegistry.builder(backend, NodeCodec.tidbBinlog())
                .time(new PausesAtOnce())
                .build();
        Registration<NodeStatus> registration = registry.register(
                "pumps", "one", NodeStatus.builder("one", "h:1").build(), RegistrationMode.PERSISTENT);
        // A registration is told of the first refusal after the log is.
        registration.registered().join();
        backend.enough.join();
        Runtime.getRuntime().halt(0);
    }

    /** Pauses between attempts are over at once, and longer times never. */
    private static final class PausesAtOnce implements TimeSource {
        private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

        @Override
        public long nanoTime() {
            return 0;
        }

        @Override
        public Instant instant() {
            return Instant.EPOCH;
        }

        @Override
        public Subscription schedule(Duration delay, Runnable task) {
            if (delay.compareTo(LONGEST_PAUSE) <= 0) {
                ForkJoinPool.commonPool().execute(task);
            }
            return () -> {};
        }
    }

    private static final class Refusing extends ForwardingBackend {
        final CompletableFuture<Void> enough = new CompletableFuture<>();
        private final AtomicInteger refused = new AtomicInteger();

        Refusing(KvBackend real) {
            super(real);
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            if (refused.incrementAndGet() == ATTEMPTS) {
                enough.complete(null);
            }
            listener.onEnd(new AccessDeniedException(
                    new KvException.Context("x", "watch", directory.path()), "on purpose", null));
            return new RefusedWatch(directory);
        }
    }

    private record RefusedWatch(Directory directory) implements Watch {
        @Override
        public void close() {}
    }
}
