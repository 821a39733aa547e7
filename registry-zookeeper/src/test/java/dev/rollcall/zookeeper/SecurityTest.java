package dev.rollcall.zookeeper;

import static dev.rollcall.zookeeper.Await.failure;
import static dev.rollcall.zookeeper.Await.result;
import static dev.rollcall.zookeeper.Await.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Servers that demand credentials, and nodes that only some may touch. */
class SecurityTest {
    private static final Key KEY = Key.of("/a/k");

    private static ZooKeeperServer server;

    @BeforeAll
    static void start() {
        server = ZooKeeperServer.alone(false);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static KvBackend open(ZooKeeperServer on, String user, String root, String more) {
        return KvBackends.open("zookeeper://" + user + on.address() + root + "?timeout=30s" + more);
    }

    @Test
    void nodesOfAUserAreForThatUserOnly() {
        try (KvBackend owner = open(server, "ann:s3cret@", "/owned", "");
                KvBackend stranger = open(server, "", "/owned", "");
                KvBackend impostor = open(server, "ann:guess@", "/owned", "");
                KvBackend again = open(server, "ann:s3cret@", "/owned", "")) {
            long revision = result(owner.put(KEY, text("v"))).revision();
            Lease lease = result(owner.grantLease(Duration.ofSeconds(25)));
            result(owner.put(Key.of("/a/leased"), text("v"), lease));
            assertThat(result(again.get(KEY)).revision()).isGreaterThanOrEqualTo(revision);
            assertThat(result(again.list(Directory.ROOT)).entries()).hasSize(2);
            for (KvBackend other : List.of(stranger, impostor)) {
                assertDenied(other.get(KEY));
                assertDenied(other.list(Directory.ROOT));
                assertDenied(other.put(KEY, text("w")));
                assertDenied(other.create(Key.of("/a/new"), text("w")));
                assertDenied(other.delete(KEY));
                CompletableFuture<Void> ended = new CompletableFuture<>();
                other.watch(Directory.ROOT, WatchStart.snapshot(), endInto(ended));
                assertDenied(ended);
            }
            assertThat(result(owner.get(KEY)).value().orElseThrow().utf8()).isEqualTo("v");
        }
    }

    @Test
    void worldMayReadWhatTheOptionSays() {
        try (KvBackend owner = open(server, "ann:s3cret@", "/shown", "&acl=creator-world-read");
                KvBackend stranger = open(server, "", "/shown", "")) {
            result(owner.put(KEY, text("v")));
            assertThat(result(stranger.get(KEY)).value().orElseThrow().utf8()).isEqualTo("v");
            assertThat(result(stranger.list(Directory.ROOT)).entries()).hasSize(1);
            assertDenied(stranger.put(KEY, text("w")));
        }
    }

    @Test
    void serverThatDemandsCredentialsIsServedWithThemAndDeniesWithout() {
        try (ZooKeeperServer strict = ZooKeeperServer.alone(
                        false,
                        List.of(),
                        List.of("zookeeper.enforce.auth.enabled=true", "zookeeper.enforce.auth.schemes=digest"));
                KvBackend known = open(strict, "ann:s3cret@", "/strict", "");
                KvBackend unknown = open(strict, "", "/strict", "")) {
            result(known.put(KEY, text("v")));
            assertThat(result(known.list(Directory.ROOT)).entries()).hasSize(1);
            assertDenied(unknown.get(KEY));
            // The server resets the connection together with its answer, which may get lost by that.
            assertThat(failure(unknown.put(KEY, text("w")))).hasMessageStartingWith("put of '/a/k'");
            assertThat(result(known.get(KEY)).value().orElseThrow().utf8()).isEqualTo("v");
        }
    }

    private static void assertDenied(CompletableFuture<?> future) {
        KvException failure = failure(future);
        assertThat(failure).isInstanceOf(AccessDeniedException.class);
        assertThat(failure).hasMessageNotContainingAny("s3cret", "guess");
    }

    private static WatchListener endInto(CompletableFuture<Void> ended) {
        return new WatchListener() {
            @Override
            public void onSignal(WatchSignal signal) {
                ended.completeExceptionally(new AssertionError("Nothing may be delivered, but " + signal + " was."));
            }

            @Override
            public void onEnd(@Nullable KvException cause) {
                ended.completeExceptionally(cause == null ? new AssertionError("It ended without a cause.") : cause);
            }
        };
    }
}
