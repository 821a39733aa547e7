package dev.rollcall.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Capability;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchStart;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** That failures come as promised and say what a caller needs. */
public interface ErrorContract extends Contract {
    /** A value that must turn up in no message. */
    String SECRET = "s3cr3t-value";

    /** One failing operation of every kind that a healthy store can give, by the key that it is about. */
    private static Map<CompletableFuture<?>, Key> failing(Kit kit) {
        KvBackend backend = kit.backend();
        Key present = kit.key("present");
        Key absent = kit.key("absent");
        Bytes secret = Bytes.ofUtf8(SECRET);
        long revision = kit.await(backend.put(present, secret)).revision();
        long never = revision + 1_000_000;
        Lease ended = kit.lease(backend);
        kit.revoke(ended);
        KvBackend closed = kit.open();
        closed.close();
        Map<CompletableFuture<?>, Key> failing = new LinkedHashMap<>();
        failing.put(failed(kit, "WRITE-2", backend.create(present, secret)), present);
        failing.put(failed(kit, "WRITE-3", backend.update(absent, secret)), absent);
        failing.put(failed(kit, "WRITE-4", backend.update(present, secret, never)), present);
        failing.put(failed(kit, "WRITE-4", backend.update(absent, secret, revision)), absent);
        failing.put(failed(kit, "WRITE-3", backend.delete(absent)), absent);
        failing.put(failed(kit, "WRITE-4", backend.delete(present, never)), present);
        failing.put(failed(kit, "LEASE-5", backend.put(present, secret, ended)), present);
        failing.put(failed(kit, "LIFE-4", closed.get(present)), present);
        failing.put(failed(kit, "LIFE-4", closed.put(present, secret)), present);
        return failing;
    }

    /** The operation, once it has failed, as {@code rule} says that it must. */
    private static CompletableFuture<?> failed(Kit kit, String rule, CompletableFuture<?> operation) {
        if (kit.succeeded(operation)) {
            throw new RuleViolation(rule, "An operation that must fail succeeded with " + operation.join() + ".");
        }
        return operation;
    }

    @Test
    @Rule("ERR-1")
    default void futuresFailWithTheExceptionItself(Kit kit) {
        failing(kit).keySet().forEach(future -> {
            Throwable[] seen = new Throwable[1];
            kit.failure(future);
            future.whenComplete((result, failure) -> seen[0] = failure);
            assertThat(seen[0])
                    .as("what a continuation of a failed future is given")
                    .isInstanceOf(KvException.class);
        });
        kit.failure(
                kit.backend().commit(Txn.builder().ifAbsent(kit.key("present")).build()),
                ConditionFailedException.class);
    }

    @Test
    @Rule("ERR-2")
    default void failuresTellWhatAndWhereAndNoValue(Kit kit) {
        failing(kit).forEach((future, key) -> {
            KvException failure = kit.failure(future);
            assertThat(failure.getMessage())
                    .as("the message of %s", failure.getClass().getSimpleName())
                    .contains(key.path())
                    .contains(failure.backend())
                    .endsWith(".")
                    .doesNotContain(SECRET);
            assertThat(failure.path()).isEqualTo(key.path());
            // Handles of one store may have different names, where each has a proxy of its own before it.
            assertThat(failure.backend()).as("the name of the backend").isNotBlank();
            assertThat(failure.operation()).isNotBlank();
            assertThat(failure.outcome()).isNotNull();
        });
    }

    @Test
    @Rule({"ERR-3", "WRITE-6"})
    default void failuresOfAHealthyStoreSayNotAppliedAndAreFinal(Kit kit) {
        failing(kit).keySet().forEach(future -> {
            KvException failure = kit.failure(future);
            assertThat(Kit.notApplied(failure))
                    .as("whether %s says NOT_APPLIED", failure)
                    .isTrue();
            assertThat(failure.isRetryable())
                    .as("whether the same call could succeed later: %s", failure)
                    .isFalse();
        });
    }

    @Test
    @Rule({"ERR-3", "ERR-6", "LIFE-1"})
    @Needs(Hook.CUT)
    default void operationsOfACutHandleFailNotAppliedWithinTheirDeadline(Kit kit) {
        KvBackend mine = kit.backend();
        KvBackend other = kit.open();
        RecordingListener witness = kit.watching(other);
        kit.put(kit.key("k"), "1");
        kit.store().cut(kit.handle(mine));
        // Before the backend has noticed, it may have sent a write and not know; afterwards it must.
        boolean noticed = kit.elapseUntil(
                kit.fixture().deadline().multipliedBy(4),
                () -> mine.connection().state() == ConnectionState.DISCONNECTED);
        kit.proves("ERR-6");
        assertThat(noticed)
                .as("whether connection() tells that the handle is cut off")
                .isTrue();
        List<CompletableFuture<?>> operations = List.of(
                mine.get(kit.key("k")),
                mine.list(kit.dir()),
                mine.keys(kit.dir()),
                mine.children(kit.dir()),
                mine.put(kit.key("never"), Bytes.EMPTY),
                mine.create(kit.key("never-created"), Bytes.EMPTY),
                mine.delete(kit.key("k")),
                mine.commit(Txn.builder().ifPresent(kit.key("k")).build()),
                mine.grantLease(mine.limits().shortestTtl()));
        for (CompletableFuture<?> operation : operations) {
            kit.proves(operations.indexOf(operation) < 4 ? "ERR-3" : "ERR-6");
            KvException failure = FaultSteps.failureInTime(kit, operation);
            assertThat(Kit.notApplied(failure))
                    .as("whether it says NOT_APPLIED: %s", failure)
                    .isTrue();
        }
        kit.store().heal(kit.handle(mine));
        FaultSteps.awaitReachable(kit, mine);
        kit.proves("WRITE-8");
        kit.fence(witness);
        assertThat(kit.read(mine, kit.key("k"))).isEqualTo("1");
        assertThat(witness.changes())
                .extracting(Change::key)
                .allSatisfy(key -> assertThat(key.name()).doesNotContain("never"));
    }

    @Test
    @Rule({"ERR-6", "LIFE-8"})
    @Needs(Hook.RESTART)
    default void operationsSucceedAgainAfterAnOutage(Kit kit) {
        KvBackend backend = kit.backend();
        kit.put(kit.key("k"), "1");
        kit.store().kill();
        kit.elapseUntil(
                kit.fixture().deadline().multipliedBy(4),
                () -> backend.connection().state() == ConnectionState.DISCONNECTED);
        kit.proves("ERR-6");
        CompletableFuture<Commit> during = backend.put(kit.key("during"), Bytes.EMPTY);
        KvException failure = FaultSteps.failureInTime(kit, during);
        assertThat(Kit.notApplied(failure))
                .as("whether it says NOT_APPLIED: %s", failure)
                .isTrue();
        kit.store().restart();
        FaultSteps.awaitReachable(kit, backend);
        assertThat(kit.await(backend.get(kit.key("during"))).entry()).isEmpty();
        kit.put(kit.key("k"), "2");
        assertThat(kit.read(backend, kit.key("k"))).isEqualTo("2");
    }

    @Test
    @Rule("ERR-4")
    default void capabilitiesAreConstantAndOthersAreRefused(Kit kit) {
        KvBackend backend = kit.backend();
        assertThat(backend.capabilities()).isEqualTo(kit.open().capabilities());
        for (Capability capability : Capability.values()) {
            if (!backend.capabilities().contains(capability)) {
                new CapabilityRefusal(kit, capability).judge();
            }
        }
        RecordingListener listener = kit.watch(backend, kit.dir(), WatchStart.snapshot());
        kit.put(kit.key("k"), "1");
        kit.awaitHeld(listener, kit.key("k"), "1");
    }

    @Test
    @Rule("ERR-5")
    @SuppressWarnings({"NullAway", "DataFlowIssue"})
    default void nullsAreRefusedByTheCallItself(Kit kit) {
        KvBackend handle = kit.backend();
        Key key = kit.key("k");
        Lease lease = kit.lease(handle);
        WatchListener listener =
                new RecordingListener(kit.dir(), WatchStart.snapshot(), new Bell(), (self, signal) -> {});
        Map<String, ThrowingCallable> calls = new LinkedHashMap<>();
        calls.put("get(null)", () -> handle.get(null));
        calls.put("get(null, consistency)", () -> handle.get(null, ReadConsistency.SEQUENTIAL));
        calls.put("get(key, null)", () -> handle.get(key, null));
        calls.put("list(null)", () -> handle.list(null));
        calls.put("list(directory, null)", () -> handle.list(kit.dir(), null));
        calls.put("keys(null)", () -> handle.keys(null));
        calls.put("children(null)", () -> handle.children(null));
        calls.put("commit(null)", () -> handle.commit(null));
        calls.put("create(null, value)", () -> handle.create(null, Bytes.EMPTY));
        calls.put("create(key, null)", () -> handle.create(key, null));
        calls.put("update(null, value)", () -> handle.update(null, Bytes.EMPTY));
        calls.put("update(key, null)", () -> handle.update(key, null));
        calls.put("put(null, value)", () -> handle.put(null, Bytes.EMPTY));
        calls.put("put(key, null)", () -> handle.put(key, null));
        calls.put("put(key, null, lease)", () -> handle.put(key, null, lease));
        calls.put("put(key, value, null)", () -> handle.put(key, Bytes.EMPTY, (Lease) null));
        calls.put("create(key, value, null)", () -> handle.create(key, Bytes.EMPTY, null));
        calls.put("delete(null)", () -> handle.delete(null));
        calls.put("watch(null, …)", () -> handle.watch(null, WatchStart.snapshot(), listener));
        calls.put("watch(…, null, …)", () -> handle.watch(kit.dir(), null, listener));
        calls.put("watch(…, null)", () -> handle.watch(kit.dir(), WatchStart.snapshot(), null));
        calls.put("grantLease(null)", () -> handle.grantLease(null));
        calls.put("onConnection(null)", () -> handle.onConnection(null));
        calls.forEach(
                (call, callable) -> assertThatNullPointerException().as(call).isThrownBy(callable));
        assertThat(kit.list(handle, kit.dir()).entries()).isEmpty();
    }

    @Test
    @Rule("ERR-5")
    default void malformedArgumentsAreRefusedByTheCallItself(Kit kit) {
        KvBackend handle = kit.backend();
        Key key = kit.key("k");
        assertThatIllegalArgumentException().isThrownBy(() -> handle.update(key, Bytes.EMPTY, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> handle.update(key, Bytes.EMPTY, -1));
        assertThatIllegalArgumentException().isThrownBy(() -> handle.delete(key, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> handle.delete(key, Long.MIN_VALUE));
        assertThatIllegalArgumentException().isThrownBy(() -> WatchStart.after(-1));
        assertThat(kit.list(handle, Directory.ROOT).entries()).isEmpty();
    }

    @Test
    @Rule({"ERR-1", "LIFE-4"})
    default void watchOfAClosedHandleIsToldSoAndNothingElse(Kit kit) {
        KvBackend handle = kit.open();
        handle.close();
        RecordingListener listener = kit.watch(handle, kit.dir(), WatchStart.snapshot());
        kit.proves("LIFE-4");
        assertThat(kit.awaitEnd(listener)).isInstanceOf(BackendClosedException.class);
        assertThat(listener.signals()).isEmpty();
    }
}
