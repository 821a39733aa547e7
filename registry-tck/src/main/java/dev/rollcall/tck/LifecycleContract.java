package dev.rollcall.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.WatchStart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Opening, closing, and that nothing hangs. */
public interface LifecycleContract extends Contract {
    /** How long {@code close()} may take: "about a second". */
    Duration CLOSE = Duration.ofMillis(1500);

    /** How long a call that does not wait for the store may take. */
    Duration CALL = Duration.ofMillis(1000);

    /** By a clock that goes slower on a busy machine, or it would be the machine that is judged. */
    private static void returnsWithin(Kit kit, String rule, Duration limit, String what, Runnable call) {
        CompletableFuture<Void> returned = new CompletableFuture<>();
        Thread caller = new Thread(
                () -> {
                    try {
                        call.run();
                        returned.complete(null);
                    } catch (RuntimeException | Error e) {
                        returned.completeExceptionally(e);
                    }
                },
                "kit-caller");
        caller.setDaemon(true);
        caller.start();
        if (!kit.isDoneFairly(limit, returned)) {
            caller.interrupt();
            throw new RuleViolation(
                    rule,
                    what + " has not returned after " + limit.toMillis()
                            + " ms; it must return within about a second.");
        }
        kit.await(returned);
    }

    private static void closes(Kit kit, String when, KvBackend handle) {
        returnsWithin(kit, "LIFE-2", CLOSE, "close() " + when, handle::close);
    }

    /** If it fails, its failure must keep the rules for every failure. */
    private static void failsAsItShould(Kit kit, CompletableFuture<?> future) {
        if (future.isCompletedExceptionally()) {
            kit.failure(future);
        }
    }

    /** If this fails: a request that is never answered is never given up. */
    @Test
    @Rule({"LIFE-1", "ERR-3", "WRITE-6", "WRITE-8"})
    @Needs(Hook.PAUSE)
    default void everyOperationEndsByItsDeadlineWhileTheStoreIsMute(Kit kit) {
        KvBackend backend = kit.backend();
        kit.put(kit.key("k"), "1");
        Lease lease = kit.lease(backend);
        kit.await(backend.put(kit.key("leased"), Bytes.EMPTY, lease));
        kit.store().pause();
        CompletableFuture<?> revocation = lease.revoke();
        List<CompletableFuture<?>> reads = List.of(
                backend.get(kit.key("k")),
                backend.list(kit.dir()),
                backend.keys(kit.dir()),
                backend.children(kit.dir()));
        CompletableFuture<?> grant = backend.grantLease(backend.limits().shortestTtl());
        Map<Key, CompletableFuture<Commit>> writes = new LinkedHashMap<>();
        for (int i = 0; i < 10; i++) {
            writes.put(kit.key("w" + i), backend.put(kit.key("w" + i), Bytes.EMPTY));
        }
        kit.proves("ERR-3");
        for (CompletableFuture<?> read : reads) {
            assertThat(Kit.notApplied(FaultSteps.failureInTime(kit, read)))
                    .as("whether a read that failed says NOT_APPLIED")
                    .isTrue();
        }
        kit.proves("LIFE-1");
        FaultSteps.failureInTime(kit, grant);
        // It may succeed: the lease is over for its holder, whatever the store says.
        FaultSteps.endsInTime(kit, revocation);
        failsAsItShould(kit, revocation);
        List<Key> notApplied = new ArrayList<>();
        kit.proves("ERR-3");
        writes.forEach((key, write) -> {
            KvException failure = FaultSteps.failureInTime(kit, write);
            assertThat(failure.isRetryable()).isEqualTo(Kit.notApplied(failure) && failure.isRetryable());
            if (Kit.notApplied(failure)) {
                notApplied.add(key);
            }
        });
        kit.proves("WRITE-8");
        kit.store().resume();
        FaultSteps.awaitReachable(kit, backend);
        kit.elapse(kit.fixture().deadline());
        assertThat(kit.list(kit.open(), kit.dir()).entries().keySet())
                .as("writes that had said NOT_APPLIED, after the store went on")
                .noneMatch(notApplied::contains);
    }

    @Test
    @Rule("LIFE-1")
    default void thousandsOfOperationsAtOnceAllEnd(Kit kit) {
        KvBackend backend = kit.backend();
        List<CompletableFuture<?>> operations = new ArrayList<>();
        for (int i = 0; i < 1500; i++) {
            Key key = kit.key("k" + i % 50);
            operations.add(
                    switch (i % 5) {
                        case 0 -> backend.put(key, Bytes.ofUtf8("v" + i));
                        case 1 -> backend.get(key);
                        case 2 -> backend.update(key, Bytes.EMPTY, i + 1L);
                        case 3 -> backend.commit(Txn.builder().delete(key).build());
                        default ->
                            i % 100 == 4
                                    ? backend.list(kit.dir())
                                    : backend.keys(kit.dir().directory("k" + i % 50));
                    });
        }
        kit.eventually(
                "LIFE-1",
                "all of " + operations.size() + " operations end",
                () -> operations.stream().allMatch(CompletableFuture::isDone));
        operations.forEach(kit::succeeded);
    }

    @Test
    @Rule("LIFE-2")
    default void closeIsQuickAndIdempotent(Kit kit) {
        KvBackend handle = kit.open();
        kit.await(handle.put(kit.key("k"), Bytes.EMPTY));
        kit.watching(handle);
        kit.lease(handle);
        closes(kit, "of a busy handle", handle);
        closes(kit, "of a closed handle", handle);
        KvBackend unused = kit.open();
        closes(kit, "of a handle that was never used", unused);
        KvBackend contested = kit.open();
        kit.await(contested.get(kit.key("k")));
        returnsWithin(
                kit,
                "LIFE-2",
                CLOSE,
                "close() by several threads",
                () -> Crowd.of(8).run(worker -> contested.close()));
        assertThat(kit.put(kit.key("k"), "others go on")).isPositive();
    }

    @Test
    @Rule({"LIFE-2", "LIFE-3"})
    @Needs(Hook.PAUSE)
    default void closeIsQuickWhileTheStoreIsMute(Kit kit) {
        KvBackend handle = kit.open();
        kit.put(kit.key("k"), "1");
        RecordingListener listener = kit.watching(handle);
        Lease lease = kit.lease(handle);
        Lease revoked = kit.lease(handle);
        kit.await(handle.put(kit.key("revoked"), Bytes.EMPTY, revoked));
        kit.store().pause();
        CompletableFuture<?> revocation = revoked.revoke();
        List<CompletableFuture<?>> pending = List.of(
                handle.get(kit.key("k")),
                handle.list(kit.dir()),
                handle.put(kit.key("k"), Bytes.EMPTY),
                handle.put(kit.key("leased"), Bytes.EMPTY, lease),
                handle.grantLease(lease.ttl()));
        closes(kit, "while the store is mute", handle);
        kit.eventually("LIFE-3", "a revocation that is under way ends with close()", revocation::isDone);
        failsAsItShould(kit, revocation);
        kit.eventually(
                "LIFE-3",
                "pending operations end with close()",
                () -> pending.stream().allMatch(CompletableFuture::isDone));
        kit.proves("LIFE-3");
        for (CompletableFuture<?> operation : pending) {
            kit.failure(operation, BackendClosedException.class);
        }
        assertThat(kit.awaitEnd(listener)).isInstanceOf(BackendClosedException.class);
        assertThat(lease.isHeld()).as("isHeld() of a lease that has ended").isFalse();
        kit.store().resume();
    }

    @Test
    @Rule({"LIFE-2", "LIFE-3"})
    @Needs(Hook.CUT)
    default void closeIsQuickWhileTheHandleIsCutOff(Kit kit) {
        KvBackend handle = kit.open();
        kit.await(handle.put(kit.key("k"), Bytes.EMPTY));
        RecordingListener listener = kit.watching(handle);
        kit.lease(handle);
        kit.store().cut(kit.handle(handle));
        CompletableFuture<?> pending = handle.get(kit.key("k"));
        closes(kit, "while cut off", handle);
        kit.eventually("LIFE-3", "a pending operation ends with close()", pending::isDone);
        kit.proves("LIFE-3");
        assertThat(kit.awaitEnd(listener)).isInstanceOf(BackendClosedException.class);
    }

    /** If this fails with a write that said NOT_APPLIED and is there: what was on its way at close() is UNKNOWN. */
    @Test
    @Rule({"LIFE-3", "WRITE-6", "WRITE-8", "WRITE-1"})
    default void closeEndsAThousandOperationsThatAreUnderWay(Kit kit) {
        KvBackend handle = kit.open();
        KvBackend other = kit.backend();
        RecordingListener listener = kit.watching(handle);
        Map<Key, CompletableFuture<Commit>> writes = new LinkedHashMap<>();
        for (int i = 0; i < 1000; i++) {
            Key key = kit.key("k" + i);
            writes.put(key, handle.put(key, Bytes.EMPTY));
        }
        closes(kit, "with a thousand operations under way", handle);
        kit.eventually(
                "LIFE-3",
                "all operations that were under way end",
                () -> writes.values().stream().allMatch(CompletableFuture::isDone));
        kit.proves("LIFE-3");
        assertThat(kit.awaitEnd(listener)).as("the cause of the end").isInstanceOf(BackendClosedException.class);
        kit.elapse(kit.fixture().deadline());
        Cut truth = kit.list(other, kit.dir());
        writes.forEach((key, write) -> {
            if (kit.succeeded(write)) {
                kit.proves("WRITE-1");
                assertThat(truth.entries()).as("an acknowledged write").containsKey(key);
            } else {
                kit.proves("LIFE-3");
                BackendClosedException failure = kit.failure(write, BackendClosedException.class);
                if (Kit.notApplied(failure)) {
                    kit.proves("WRITE-8");
                    assertThat(truth.entries())
                            .as("a write that had said NOT_APPLIED")
                            .doesNotContainKey(key);
                }
            }
        });
    }

    @Test
    @Rule({"LIFE-4", "ERR-3"})
    default void operationsAfterCloseFailAtOnce(Kit kit) {
        KvBackend handle = kit.open();
        Lease lease = kit.lease(handle);
        kit.await(handle.get(kit.key("k")));
        handle.close();
        List<CompletableFuture<?>> operations = List.of(
                handle.get(kit.key("k")),
                handle.list(kit.dir()),
                handle.keys(kit.dir()),
                handle.children(kit.dir()),
                handle.create(kit.key("k"), Bytes.EMPTY),
                handle.put(kit.key("k"), Bytes.EMPTY),
                handle.update(kit.key("k"), Bytes.EMPTY),
                handle.delete(kit.key("k")),
                handle.commit(Txn.builder().build()),
                handle.grantLease(lease.ttl()),
                handle.diagnose());
        kit.proves("LIFE-4");
        for (CompletableFuture<?> operation : operations) {
            BackendClosedException failure = kit.failure(operation, BackendClosedException.class);
            Expect.notApplied(failure);
        }
        assertThat(handle.connection().state()).isEqualTo(ConnectionState.CLOSED);
        assertThat(handle.name()).isNotBlank();
        handle.capabilities();
        handle.limits();
        assertThat(kit.list(kit.backend(), kit.dir()).entries()).isEmpty();
    }

    /** Whether threads remain is judged after every test; here it is a hundred times as likely to show. */
    @Test
    @Rule("LIFE-5")
    default void handleCanBeOpenedAndClosedAgainAndAgain(Kit kit) {
        kit.put(kit.key("k"), "1");
        List<RecordingListener> listeners = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            KvBackend handle = kit.open();
            if (i % 2 == 0) {
                assertThat(kit.read(handle, kit.key("k"))).isEqualTo("1");
                listeners.add(kit.watch(handle, kit.dir(), WatchStart.snapshot()));
            }
            if (i % 10 == 0) {
                kit.await(handle.put(kit.key("leased-" + i), Bytes.EMPTY, kit.lease(handle)));
            }
            handle.close();
        }
        listeners.forEach(listener -> assertThat(kit.awaitEnd(listener)).isInstanceOf(BackendClosedException.class));
        kit.eventually(
                "LEASE-10",
                "no entry remains of leases whose handles were closed",
                () -> kit.list(kit.backend(), kit.dir()).entries().size() == 1);
    }

    @Test
    @Rule("LIFE-6")
    default void openDoesNotWaitAndOperationsMayFollowAtOnce(Kit kit) {
        for (int i = 0; i < 5; i++) {
            KvBackend[] opened = new KvBackend[1];
            returnsWithin(kit, "LIFE-6", CALL, "open()", () -> opened[0] = kit.open());
            CompletableFuture<Commit> write = opened[0].put(kit.key("k" + i), Bytes.EMPTY);
            RecordingListener listener = kit.watching(opened[0]);
            kit.await(write);
            kit.eventually(
                    "LIFE-6",
                    "a watch started at once sees the write",
                    () -> listener.held(kit.key("k0")).isPresent());
        }
    }

    @Test
    @Rule("LIFE-6")
    @Needs(Hook.RESTART)
    default void handleOpenedBeforeItsServerConnectsWhenThatComesUp(Kit kit) {
        kit.put(kit.key("k"), "1");
        kit.store().kill();
        KvBackend[] opened = new KvBackend[1];
        returnsWithin(kit, "LIFE-6", CALL, "open() without a server", () -> opened[0] = kit.open());
        KvBackend early = opened[0];
        RecordingListener listener = kit.watch(early, kit.dir(), WatchStart.snapshot());
        CompletableFuture<?> read = early.get(kit.key("k"));
        kit.never(
                "LIFE-7",
                "connection() says CONNECTED although there is no server",
                () -> early.connection().state() == ConnectionState.CONNECTED);
        kit.store().restart();
        FaultSteps.awaitReachable(kit, early);
        kit.awaitHeld(listener, kit.key("k"), "1");
        kit.eventually("LIFE-1", "an operation that was started before the server ends", read::isDone);
    }

    @Test
    @Rule("LIFE-8")
    @Needs(Hook.CUT)
    default void everythingGoesOnByItselfAfterACut(Kit kit) {
        KvBackend mine = kit.backend();
        KvBackend other = kit.open();
        RecordingListener listener = kit.watching(mine);
        for (int i = 0; i < 5; i++) {
            kit.store().cut(kit.handle(mine));
            CompletableFuture<Commit> during = mine.put(kit.key("during-" + i), Bytes.EMPTY);
            kit.put(other, kit.key("k"), "v" + i);
            kit.store().heal(kit.handle(mine));
            FaultSteps.awaitReachable(kit, mine);
            kit.awaitHeld(listener, kit.key("k"), "v" + i);
            kit.eventually("LIFE-1", "an operation started during the cut ends", during::isDone);
            if (kit.succeeded(during)) {
                assertThat(kit.await(other.get(kit.key("during-" + i))).entry()).isPresent();
            }
        }
    }
}
