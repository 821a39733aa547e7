package dev.rollcall.tck;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Txn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** The paths of the code after a failure; they run less often than the others, and must keep the same promises. */
public interface FailurePathContract extends Contract {
    /** A value that must turn up in no message. */
    String SECRET = "s3cr3t-of-a-transaction";

    /** If this fails: futures that fail are completed where the failure was read, or under a lock, and only those that succeed elsewhere. */
    @Test
    @Rule("THREAD-1")
    default void continuationsOfFailuresMayBlockWithoutStoppingTheBackend(Kit kit) {
        KvBackend backend = kit.backend();
        KvBackend closed = kit.open();
        kit.put(kit.key("present"), "1");
        kit.await(closed.get(kit.key("present")));
        Lease ended = kit.lease(backend);
        kit.revoke(ended);
        closed.close();
        List<Supplier<CompletableFuture<?>>> failing = List.of(
                () -> backend.create(kit.key("present"), Bytes.EMPTY),
                () -> backend.update(kit.key("absent"), Bytes.EMPTY),
                () -> backend.commit(Txn.builder().ifAbsent(kit.key("present")).build()),
                () -> backend.put(kit.key("leased"), Bytes.EMPTY, ended),
                () -> closed.get(kit.key("present")));
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger succeeded = new AtomicInteger();
        Set<Thread> ran = ConcurrentHashMap.newKeySet();
        int count = 5 * failing.size();
        for (int i = 0; i < count; i++) {
            Supplier<CompletableFuture<?>> operation = failing.get(i % failing.size());
            // From a thread of its own: a continuation of a future that has failed already runs where it is attached.
            Thread attaching = new Thread(
                    () -> operation.get().whenComplete((result, failure) -> {
                        if (failure == null) {
                            succeeded.incrementAndGet();
                        }
                        ran.add(Thread.currentThread());
                        inside.incrementAndGet();
                        Latches.await(release);
                    }),
                    "kit-attaching-" + i);
            attaching.setDaemon(true);
            attaching.start();
        }
        try {
            kit.eventually(
                    "THREAD-1",
                    () -> "the continuations of " + count + " failures run, though those before them block, but only "
                            + inside.get() + " do",
                    () -> inside.get() == count);
            goesOn(kit, backend, "while continuations of failures block");
        } finally {
            release.countDown();
        }
        Expect.that(
                "THREAD-1",
                ran.stream().noneMatch(kit.fixture()::isIoThread),
                () -> "A continuation of a failure ran on a thread that the backend does I/O with, one of "
                        + ran.stream().map(Thread::getName).toList() + ".");
        Expect.that(
                "ERR-1",
                succeeded.get() == 0,
                () -> succeeded.get() + " of " + count + " operations that must fail succeeded.");
    }

    @Test
    @Rule("THREAD-1")
    @Needs(Hook.EXPIRE_LEASE)
    default void callbacksOfLostLeasesMayBlockWithoutStoppingTheBackend(Kit kit) {
        KvBackend holder = kit.open();
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger inside = new AtomicInteger();
        List<Lease> leases = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Lease lease = kit.shortLease(holder);
            leases.add(lease);
            lease.ended().thenAccept(end -> {
                inside.incrementAndGet();
                Latches.await(release);
            });
        }
        try {
            leases.forEach(lease -> kit.store().expire(kit.handle(holder), lease));
            boolean told = kit.elapseUntil(
                    leases.get(0).ttl().plus(kit.fixture().leaseGrace()), () -> inside.get() == leases.size());
            Expect.that(
                    "THREAD-1",
                    told,
                    () -> "Three leases have expired, and each callback blocks; only " + inside.get()
                            + " of them have been called.");
            goesOn(kit, holder, "while callbacks of lost leases block");
        } finally {
            release.countDown();
        }
    }

    private static void goesOn(Kit kit, KvBackend backend, String when) {
        for (Map.Entry<String, CompletableFuture<?>> operation : Map.<String, CompletableFuture<?>>of(
                        "a put", backend.put(kit.key("during"), Bytes.ofUtf8("1")),
                        "a list", backend.list(kit.dir()),
                        "a grant", backend.grantLease(backend.limits().clamp(Duration.ofSeconds(30))))
                .entrySet()) {
            kit.eventually(
                    "THREAD-1",
                    operation.getKey() + " ends " + when,
                    () -> operation.getValue().isDone());
            Expect.succeeds(kit, "THREAD-1", operation.getKey() + " " + when, operation.getValue());
        }
    }

    /** If this fails: a driver shows the statement with its parameters, and the backend passes that on as message or cause. */
    @Test
    @Rule("ERR-2")
    default void failuresOfTransactionsShowNoValue(Kit kit) {
        KvBackend backend = kit.backend();
        Key present = kit.key("present");
        Key other = kit.key("other");
        Bytes secret = Bytes.ofUtf8(SECRET);
        long revision = kit.await(backend.put(present, secret)).revision();
        Lease ended = kit.lease(backend);
        kit.revoke(ended);
        Map<String, Txn> transactions = new LinkedHashMap<>();
        transactions.put(
                "whose condition does not hold",
                Txn.builder()
                        .ifAbsent(present)
                        .put(other, secret)
                        .put(present, secret)
                        .build());
        transactions.put(
                "at another revision",
                Txn.builder()
                        .ifRevision(present, revision + 1_000_000)
                        .put(present, secret)
                        .delete(other)
                        .build());
        transactions.put(
                "whose lease has ended",
                Txn.builder().put(other, secret).put(present, secret, ended).build());
        transactions.forEach((which, txn) -> {
            KvException failure = kit.failure(backend.commit(txn));
            for (Throwable at = failure; at != null; at = at.getCause()) {
                String shown = String.valueOf(at);
                Expect.that(
                        "ERR-2",
                        !shown.contains(SECRET),
                        () -> "The failure of a transaction " + which + " shows a value: "
                                + shown.replace(SECRET, "(the value)") + ".");
            }
            Expect.that(
                    "ERR-2",
                    failure.getSuppressed().length == 0
                            || !List.of(failure.getSuppressed()).toString().contains(SECRET),
                    () -> "What is suppressed in the failure of a transaction " + which + " shows a value.");
        });
    }
}
