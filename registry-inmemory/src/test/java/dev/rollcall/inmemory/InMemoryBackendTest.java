package dev.rollcall.inmemory;

import static dev.rollcall.kv.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Condition;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyExistsException;
import dev.rollcall.kv.KeyNotFoundException;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.RevisionMismatchException;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.WatchStart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InMemoryBackendTest {
    private static final Key A = Key.of("/d/a");
    private static final Key B = Key.of("/d/b");
    private static final Bytes X = Bytes.ofUtf8("x");
    private static final Bytes Y = Bytes.ofUtf8("y");

    private final InMemoryStore store = InMemoryStore.builder().build();
    private final InMemoryBackend backend = store.open();

    @AfterEach
    void close() {
        backend.close();
    }

    @Test
    void firstRevisionIsOneAndEachTransactionTakesTheNext() throws InterruptedException {
        assertThat(await(backend.get(A)).revision()).isZero();
        assertThat(await(backend.create(A, X))).isEqualTo(new Commit(1));
        assertThat(await(backend.commit(Txn.builder().put(A, Y).put(B, X).build())))
                .isEqualTo(new Commit(2));
        assertThat(await(backend.list(Directory.of("/d"))).entries())
                .containsExactly(new KeyValue(A, Y, 2, false), new KeyValue(B, X, 2, false));
    }

    @Test
    void whatChangesNothingTakesNoRevision() throws InterruptedException {
        await(backend.put(A, X));
        assertThat(await(backend.commit(Txn.builder().delete(B).build()))).isEqualTo(new Commit(1));
        assertThat(await(backend.commit(Txn.builder().ifPresent(A).build()))).isEqualTo(new Commit(1));
        assertThat(store.revision()).isEqualTo(1);
    }

    @Test
    void conditionsFailByTheFirstThatDoesNotHold() throws InterruptedException {
        await(backend.put(A, X));
        assertThatThrownBy(() -> await(backend.create(A, Y)))
                .isInstanceOf(KeyExistsException.class)
                .hasMessageContaining("/d/a");
        assertThatThrownBy(() -> await(backend.update(B, Y))).isInstanceOf(KeyNotFoundException.class);
        assertThatThrownBy(() -> await(backend.delete(B))).isInstanceOf(KeyNotFoundException.class);
        assertThatThrownBy(() -> await(backend.commit(
                        Txn.builder().ifPresent(A).ifRevision(B, 9).put(A, Y).build())))
                .isInstanceOfSatisfying(
                        RevisionMismatchException.class,
                        e -> assertThat(e.condition()).isEqualTo(new Condition.RevisionIs(B, 9)));
        assertThat(await(backend.get(A)).value()).contains(X);
        assertThat(store.revision()).isEqualTo(1);
    }

    @Test
    void revisionOfADeletedEntryNeverMatchesItsSuccessor() throws InterruptedException {
        long old = await(backend.create(A, X)).revision();
        await(backend.delete(A, old));
        await(backend.create(A, X));
        assertThatThrownBy(() -> await(backend.update(A, Y, old))).isInstanceOf(RevisionMismatchException.class);
        assertThatThrownBy(() -> await(backend.delete(A, old))).isInstanceOf(RevisionMismatchException.class);
    }

    @Test
    void operationCompletesInTheCallIfNothingIsAtFault() {
        assertThat(backend.put(A, X)).isCompleted();
        assertThat(backend.get(A)).isCompleted();
        assertThat(backend.create(A, X)).isCompletedExceptionally();
        assertThat(backend.grantLease(Duration.ofSeconds(1))).isCompleted();
    }

    @Test
    void handlesOfAStoreShareItsData() throws InterruptedException {
        try (InMemoryBackend other = store.open()) {
            await(backend.put(A, X));
            assertThat(await(other.get(A)).value()).contains(X);
        }
    }

    @Test
    void closedHandleFailsEveryOperation() throws InterruptedException {
        backend.close();
        List<CompletableFuture<?>> operations = List.of(
                backend.get(A),
                backend.list(Directory.ROOT),
                backend.put(A, X),
                backend.grantLease(Duration.ofSeconds(1)));
        for (CompletableFuture<?> operation : operations) {
            assertThatThrownBy(() -> await(operation))
                    .isInstanceOfSatisfying(
                            BackendClosedException.class,
                            e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_APPLIED));
        }
        Recorder recorder = new Recorder();
        backend.watch(Directory.ROOT, WatchStart.snapshot(), recorder);
        assertThat(recorder.awaitEnd()).isInstanceOf(BackendClosedException.class);
        assertThat(recorder.signals()).isEmpty();
        assertThat(store.revision()).isZero();
    }

    @Test
    void leaseOfAnotherHandleIsAProgrammingError() throws InterruptedException {
        try (InMemoryBackend other = store.open()) {
            var lease = await(other.grantLease(Duration.ofSeconds(1)));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> backend.put(A, X, lease))
                    .withMessageContaining("another handle");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> backend.grantLease(Duration.ZERO));
    }

    @Test
    void connectionIsToldFromThePresentStateToClosed() {
        List<ConnectionState> told = Collections.synchronizedList(new ArrayList<>());
        backend.onConnection(status -> told.add(status.state()));
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> assertThat(told).containsExactly(ConnectionState.CONNECTED));
        backend.close();
        backend.close();
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .untilAsserted(
                        () -> assertThat(told).containsExactly(ConnectionState.CONNECTED, ConnectionState.CLOSED));
        assertThat(backend.connection().state()).isEqualTo(ConnectionState.CLOSED);
    }
}
