package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.support.HandleThreads;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The search for a member, without any. */
class MemberSearchTest {
    /** After which each search that was put off has begun, and a lookup has not been given up yet. */
    private static final Duration LONGER_THAN_ANY_PAUSE = Duration.ofMillis(1_300);

    private static final int ROUNDS = 5;

    @Test
    void searchWhoseEndCannotBeToldIsFollowedByOne() {
        CompletableFuture<Void> hanging = new CompletableFuture<>();
        AtomicInteger lookups = new AtomicInteger();
        Endpoint.Resolver resolver = name -> {
            if (lookups.incrementAndGet() > ROUNDS) {
                hanging.join();
            }
            throw new UnknownHostException(name);
        };
        IoLoop loop = new IoLoop();
        try (HandleThreads threads = HandleThreads.open("etcd")) {
            EtcdOptions options = EtcdOptions.of(BackendUrl.parse("etcd://etcd.example:2379/search?timeout=60s"));
            Tokens tokens = new Tokens(loop, threads.callbacks(), null, options.timeout());
            MemberConnection.Setup setup =
                    new MemberConnection.Setup(loop, threads.callbacks(), null, options.connecting(), resolver);
            Probe probe = new Probe(
                    new DirectCall(loop, tokens),
                    setup,
                    options,
                    new EtcdRewindDetector(new KeySpace(options.prefix())));
            MemberSelector members = new MemberSelector(loop, setup, options, probe);
            loop.onCrash(members::crashed, () -> {});
            loop.execute(() -> members.open(new Deaf()));
            Await.until(() -> lookups.get() > ROUNDS);
            CompletableFuture<Void> passed = new CompletableFuture<>();
            loop.schedule(LONGER_THAN_ANY_PAUSE, () -> passed.complete(null));
            Await.result(passed);
            assertThat(lookups).hasValue(ROUNDS + 1);
            loop.execute(members::close);
        } finally {
            hanging.complete(null);
            loop.close();
        }
    }

    private static final class Deaf implements MemberSelector.Listener {
        @Override
        public void found(MemberConnection connection) {}

        @Override
        public void rewound(String reason) {}

        @Override
        public void lost(MemberConnection connection, Refusal reason) {}

        @Override
        public void noneFound(Refusal reason) {
            throw new OutOfMemoryError("made up by a test");
        }
    }
}
