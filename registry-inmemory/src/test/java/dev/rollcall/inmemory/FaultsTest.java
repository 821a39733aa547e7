package dev.rollcall.inmemory;

import static dev.rollcall.kv.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.DeadlineExceededException;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.UnavailableException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FaultsTest {
    private static final Key A = Key.of("/d/a");
    private static final Bytes X = Bytes.ofUtf8("x");
    private static final Bytes Y = Bytes.ofUtf8("y");
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualTime time = new ManualTime();
    private final InMemoryStore store = InMemoryStore.builder().time(time).build();
    private final InMemoryBackend backend = store.open(TIMEOUT);
    private final InMemoryBackend other = store.open(TIMEOUT);

    @AfterEach
    void close() {
        backend.close();
        other.close();
    }

    private static KvException failure(CompletableFuture<?> future) {
        return catchThrowableOfType(KvException.class, () -> await(future.orTimeout(90, TimeUnit.SECONDS)));
    }

    private static void assertUnknown(CompletableFuture<?> write) {
        assertThat(failure(write))
                .isInstanceOf(UnavailableException.class)
                .satisfies(e -> assertThat(e.outcome()).isEqualTo(Outcome.UNKNOWN))
                .satisfies(e -> assertThat(e.isRetryable()).isFalse());
    }

    @Test
    void lostAnswerHidesAWriteThatWasApplied() throws InterruptedException {
        backend.faults().loseNextAnswer();
        assertThat(await(backend.get(A)).isPresent()).isFalse();
        assertUnknown(backend.put(A, X));
        assertThat(await(other.get(A)).value()).contains(X);
        await(backend.put(A, Y));
    }

    @Test
    void droppedRequestLooksTheSameButIsNotApplied() throws InterruptedException {
        backend.faults().dropNextRequest();
        backend.faults().loseNextAnswer();
        assertUnknown(backend.put(A, X));
        assertThat(await(other.get(A)).isPresent()).isFalse();
        assertUnknown(backend.put(A, Y));
        assertThat(await(other.get(A)).value()).contains(Y);
    }

    @Test
    void lostAnswerHidesAFailedConditionToo() throws InterruptedException {
        await(backend.put(A, X));
        backend.faults().loseNextAnswer();
        assertUnknown(backend.create(A, Y));
    }

    @Test
    void refusedOperationIsNotAppliedAndMayBeRetried() throws InterruptedException {
        backend.faults().refuseNext(2);
        assertThat(failure(backend.put(A, X)))
                .isInstanceOf(UnavailableException.class)
                .satisfies(e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_APPLIED))
                .satisfies(e -> assertThat(e.isRetryable()).isTrue());
        assertThat(failure(backend.get(A))).isInstanceOf(UnavailableException.class);
        assertThat(await(backend.get(A)).isPresent()).isFalse();
        assertThatIllegalArgumentException().isThrownBy(() -> backend.faults().refuseNext(-1));
    }

    @Test
    void aRefusalReachesTheNextOperationThoughAnotherFaultWaitsForAWrite() {
        backend.faults().loseNextAnswer();
        backend.faults().refuseNext(1);
        assertThat(failure(backend.get(A))).isInstanceOf(UnavailableException.class);
        assertUnknown(backend.put(A, X));
    }

    @Test
    void aLeaseThatItsCallerGaveUpOnIsNotKeptAlive() throws InterruptedException {
        backend.faults().freeze();
        CompletableFuture<Lease> late = backend.grantLease(SECOND);
        time.advance(TIMEOUT);
        assertThat(failure(late)).isInstanceOf(DeadlineExceededException.class);
        backend.faults().thaw();
        assertThat(backend.leases()).isZero();

        backend.faults().delayAnswers(SECOND);
        CompletableFuture<Lease> cut = backend.grantLease(SECOND);
        backend.faults().disconnect();
        assertThat(failure(cut)).isInstanceOf(UnavailableException.class);
        backend.faults().reconnect();
        assertThat(backend.leases()).isZero();
    }

    @Test
    void operationsWaitForTheConnectionUntilTheirDeadline() throws InterruptedException {
        backend.faults().disconnect();
        assertThat(backend.connection().state()).isEqualTo(ConnectionState.DISCONNECTED);
        CompletableFuture<?> first = backend.put(A, X);
        time.advance(TIMEOUT.minusMillis(1));
        CompletableFuture<?> second = backend.put(Key.of("/d/b"), X);
        assertThat(first).isNotDone();
        time.advance(Duration.ofMillis(1));
        assertThat(failure(first))
                .isInstanceOf(DeadlineExceededException.class)
                .satisfies(e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_APPLIED));
        backend.faults().reconnect();
        await(second);
        assertThat(backend.connection().state()).isEqualTo(ConnectionState.CONNECTED);
        assertThat(await(other.get(A)).isPresent()).isFalse();
        assertThat(store.revision()).isEqualTo(1);
    }

    @Test
    void waitingOperationsAreSentInTheOrderOfTheCalls() throws InterruptedException {
        backend.faults().disconnect();
        CompletableFuture<?> create = backend.create(A, X);
        CompletableFuture<?> update = backend.update(A, Y);
        backend.faults().reconnect();
        await(create);
        await(update);
        assertThat(await(other.get(A)).value()).contains(Y);
    }

    @Test
    void otherHandlesAreUnharmed() throws InterruptedException {
        backend.faults().disconnect();
        await(other.put(A, X));
        assertThat(other.connection().state()).isEqualTo(ConnectionState.CONNECTED);
    }

    @Test
    void delayedRequestHasItsEffectLater() throws InterruptedException {
        backend.faults().delay(SECOND);
        CompletableFuture<?> put = backend.put(A, X);
        time.advance(SECOND.minusMillis(1));
        assertThat(await(other.get(A)).isPresent()).isFalse();
        time.advance(Duration.ofMillis(1));
        assertThat(await(other.get(A)).isPresent()).isTrue();
        await(put);
        backend.faults().delay(Duration.ZERO);
        assertThat(backend.put(A, Y)).isCompleted();
    }

    @Test
    void delayedAnswerComesAfterTheEffect() throws InterruptedException {
        backend.faults().delayAnswers(SECOND);
        CompletableFuture<?> put = backend.put(A, X);
        assertThat(await(other.get(A)).isPresent()).isTrue();
        assertThat(put).isNotDone();
        time.advance(SECOND);
        await(put);
    }

    @Test
    void requestThatIsSlowerThanItsDeadlineIsInDoubtAndMayStillBeApplied() throws InterruptedException {
        backend.faults().delay(TIMEOUT.plus(SECOND));
        CompletableFuture<?> put = backend.put(A, X);
        time.advance(TIMEOUT);
        assertThat(failure(put))
                .isInstanceOf(DeadlineExceededException.class)
                .satisfies(e -> assertThat(e.outcome()).isEqualTo(Outcome.UNKNOWN));
        assertThat(await(other.get(A)).isPresent()).isFalse();
        time.advance(SECOND);
        assertThat(await(other.get(A)).isPresent()).isTrue();
    }

    @Test
    void cutBreaksOffWhatIsUnderWay() throws InterruptedException {
        backend.faults().delay(SECOND);
        CompletableFuture<?> put = backend.put(A, X);
        CompletableFuture<?> get = backend.get(A);
        backend.faults().disconnect();
        assertUnknown(put);
        assertThat(failure(get).outcome()).isEqualTo(Outcome.NOT_APPLIED);
        backend.faults().reconnect();
        time.advance(SECOND);
        assertThat(await(other.get(A)).isPresent()).isFalse();
    }

    @Test
    void frozenStoreAppliesWhatHasArrivedWhenItThaws() throws InterruptedException {
        backend.faults().freeze();
        CompletableFuture<?> put = backend.put(A, X);
        CompletableFuture<?> get = backend.get(A);
        time.advance(TIMEOUT);
        assertThat(failure(put).outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(failure(get).outcome()).isEqualTo(Outcome.NOT_APPLIED);
        assertThat(backend.connection().state()).isEqualTo(ConnectionState.CONNECTED);
        CompletableFuture<?> late = backend.put(A, Y);
        assertThat(await(other.get(A)).isPresent()).isFalse();
        backend.faults().thaw();
        await(late);
        assertThat(store.revision()).isEqualTo(2);
        assertThat(await(other.get(A)).value()).contains(Y);
    }

    @Test
    void closeFailsWhatIsPendingWithItsOutcome() {
        backend.faults().freeze();
        CompletableFuture<?> sent = backend.put(A, X);
        backend.faults().disconnect();
        assertUnknown(sent);
        CompletableFuture<?> waiting = backend.put(A, X);
        backend.close();
        assertThat(failure(waiting))
                .isInstanceOf(BackendClosedException.class)
                .satisfies(e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_APPLIED));
        other.faults().freeze();
        CompletableFuture<?> held = other.put(A, X);
        other.close();
        assertThat(failure(held))
                .isInstanceOf(BackendClosedException.class)
                .satisfies(e -> assertThat(e.outcome()).isEqualTo(Outcome.UNKNOWN));
        other.faults().thaw();
        assertThat(store.revision()).isZero();
    }

    @Test
    void slowOperationCompletesOnACallbackThread() {
        backend.faults().disconnect();
        CompletableFuture<String> thread =
                backend.get(A).thenApply(result -> Thread.currentThread().getName());
        backend.faults().reconnect();
        assertThat(thread.orTimeout(90, TimeUnit.SECONDS).join()).matches("rollcall-inmemory-\\d+-callback-\\d+");
    }
}
