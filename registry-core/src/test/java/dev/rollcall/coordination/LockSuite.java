package dev.rollcall.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Txn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What a lock promises, on whatever store. */
abstract class LockSuite extends CoordinationFixture {
    private final KvBackend one = store.open();
    private final KvBackend two = store.open();
    private final KvBackend three = store.open();
    private final DistributedLock first = lock(one);
    private final DistributedLock second = lock(two);
    private final DistributedLock third = lock(three);

    private void refused(LockHold hold) {
        ConditionFailedException failure =
                catchThrowableOfType(ConditionFailedException.class, () -> Futures.await(hold.commit(write("late"))));
        assertThat(failure).isNotNull().matches(hold.token()::isWhatFailed);
        assertThat(failure).hasMessageContaining(hold.token().entry().path());
    }

    /** Waits until another is in the queue behind {@code hold}; or has its place, since a starved process loses a brief lease by right. */
    private void eventuallyBehind(LockHold hold) {
        eventually(() -> assertThat(queue().size() == 2 || !hold.isHeld()).isTrue());
    }

    @Test
    void turnsComeInTheOrderOfAsking() {
        List<CompletableFuture<LockHold>> turns = new ArrayList<>();
        for (DistributedLock asked : List.of(first, second, third, first, second)) {
            turns.add(asked.acquire());
            eventuallyQueued(turns.size());
        }
        long before = 0;
        for (int i = 0; i < turns.size(); i++) {
            LockHold hold = held(turns.get(i));
            assertThat(hold.isHeld()).isTrue();
            assertThat(hold.token().revision()).isGreaterThan(before);
            assertThat(turns.subList(i + 1, turns.size())).noneMatch(CompletableFuture::isDone);
            before = hold.token().revision();
            hold.close();
            assertThat(hold.isHeld()).isFalse();
        }
        eventuallyQueued(0);
    }

    @Test
    void turnsThatAreAskedForTogetherHaveTokensOfTheirOwn() {
        List<CompletableFuture<LockHold>> turns = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            turns.add(first.acquire());
        }
        eventuallyQueued(turns.size());
        Set<Long> tokens = new HashSet<>();
        while (!turns.isEmpty()) {
            eventually(() -> assertThat(CompletableFuture.anyOf(turns.toArray(CompletableFuture[]::new)))
                    .isCompleted());
            CompletableFuture<LockHold> turn =
                    turns.stream().filter(CompletableFuture::isDone).findFirst().orElseThrow();
            turns.remove(turn);
            try (LockHold hold = turn.join()) {
                assertThat(tokens).allMatch(token -> token < hold.token().revision());
                tokens.add(hold.token().revision());
            }
        }
        assertThat(tokens).hasSize(10);
    }

    @Test
    void guardedWriteIsAppliedWhileTheTurnLastsAndRefusedAfterwards() throws InterruptedException {
        LockHold hold = held(first.acquire());
        Futures.await(hold.commit(write("mine")));
        assertThat(Futures.await(observer.get(RESOURCE)).value()).hasValue(Bytes.ofUtf8("mine"));
        Futures.await(hold.release());
        refused(hold);
        // The same by the token alone, as another process would have it.
        assertThatExceptionOfType(ConditionFailedException.class)
                .isThrownBy(() -> Futures.await(observer.commit(hold.token().guard(write("late")))))
                .matches(hold.token()::isWhatFailed);
        assertThatExceptionOfType(ConditionFailedException.class)
                .isThrownBy(() -> Futures.await(observer.commit(Txn.builder()
                        .require(second.guardedBy(hold.token()))
                        .put(RESOURCE, Bytes.EMPTY)
                        .build())));
        assertThat(Futures.await(observer.get(RESOURCE)).value()).hasValue(Bytes.ofUtf8("mine"));
    }

    @Test
    void conditionOfTheWriteItselfIsToldFromTheGuard() {
        LockHold hold = held(first.acquire());
        Txn txn = Txn.builder().ifPresent(RESOURCE).delete(RESOURCE).build();
        assertThatExceptionOfType(ConditionFailedException.class)
                .isThrownBy(() -> Futures.await(hold.commit(txn)))
                .matches(failure -> !hold.token().isWhatFailed(failure));
        assertThat(hold.isHeld()).isTrue();
    }

    @Test
    void lostLeasePassesTheLockOnAndItsHolderLearnsIt() {
        LockHold lost = held(first.acquire());
        CompletableFuture<LockHold> next = second.acquire();
        eventuallyQueued(2);
        store.expireLeases(one);
        LockHold hold = held(next);
        eventually(() -> assertThat(lost.isHeld()).isFalse());
        eventually(() -> assertThat(lost.ended().toCompletableFuture()).isCompletedWithValue(HoldEnd.LOST));
        refused(lost);
        assertThat(lost.release()).succeedsWithin(Duration.ofSeconds(60));
        assertThat(hold.isHeld()).isTrue();
    }

    @Test
    void holderThatIsCutOffStopsBeforeTheNextBegins() {
        LockHold cut = held(lock(one, brief()).acquire());
        AtomicReference<Boolean> both = new AtomicReference<>();
        CompletableFuture<Void> next = second.acquire().thenAccept(hold -> both.set(cut.isHeld()));
        eventuallyBehind(cut);
        store.cut(one);
        eventually(() -> assertThat(next).isCompleted());
        assertThat(both).hasValue(false);
        store.heal(one);
        refused(cut);
    }

    @Test
    void shortCutCostsNobodyHisPlace() throws InterruptedException {
        LockHold hold = held(first.acquire());
        CompletableFuture<LockHold> next = second.acquire();
        eventuallyQueued(2);
        List<KeyValue> before = queue();
        store.cut(one);
        store.cut(two);
        store.heal(one);
        store.heal(two);
        Futures.await(hold.commit(write("mine")));
        assertThat(queue()).isEqualTo(before);
        assertThat(hold.isHeld()).isTrue();
        hold.close();
        held(next);
    }

    @Test
    void cancelledWaiterLeavesTheQueue() {
        LockHold hold = held(first.acquire());
        CompletableFuture<LockHold> cancelled = second.acquire();
        eventuallyQueued(2);
        CompletableFuture<LockHold> next = third.acquire();
        eventuallyQueued(3);
        cancelled.cancel(false);
        eventuallyQueued(2);
        hold.close();
        held(next);
        assertThat(cancelled).isCancelled();
    }

    @Test
    void interruptedWaiterLeavesTheQueue() throws InterruptedException {
        held(first.acquire());
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread waiter = new Thread(() -> {
            try {
                second.lock();
            } catch (InterruptedException e) {
                thrown.set(e);
            }
        });
        waiter.start();
        eventuallyQueued(2);
        waiter.interrupt();
        waiter.join(90_000);
        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        eventuallyQueued(1);
    }

    @Test
    void lockIsTriedForByTheStoresWord() throws InterruptedException {
        DistributedLock patient = lock(two, options().withCloseTimeout(Duration.ofSeconds(60)));
        LockHold hold = held(first.acquire());
        CompletableFuture<Optional<LockHold>> taken = tried(patient);
        eventually(() -> assertThat(taken).isCompletedWithValue(Optional.empty()));
        eventuallyQueued(1);
        Futures.await(hold.release());
        CompletableFuture<Optional<LockHold>> free = tried(patient);
        eventually(() -> assertThat(free).isCompleted());
        assertThat(free.join())
                .hasValueSatisfying(turn -> assertThat(turn.isHeld()).isTrue());
    }

    private static CompletableFuture<Optional<LockHold>> tried(DistributedLock lock) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return lock.tryLock();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void nothingStaysInTheDirectoryOfALockThatNobodyHasOrWantsToHave() throws InterruptedException {
        LockHold hold = held(first.acquire());
        CompletableFuture<LockHold> next = second.acquire();
        eventuallyQueued(2);
        Futures.await(hold.release());
        Futures.await(held(next).release());
        assertThat(Futures.await(observer.list(QUEUE)).entries()).isEmpty();
    }

    @Test
    void deadWaiterDelaysNobody() {
        LockHold hold = held(first.acquire());
        CompletableFuture<LockHold> dead = lock(two, brief()).acquire();
        eventuallyQueued(2);
        CompletableFuture<LockHold> next = third.acquire();
        eventuallyQueued(3);
        store.cut(two);
        eventuallyQueued(2);
        hold.close();
        LockHold then = held(next);
        assertThat(dead).isNotDone();
        // It comes back at the end of the queue by itself.
        store.heal(two);
        eventuallyQueued(2);
        then.close();
        held(dead);
    }

    @Test
    void lostAnswerLeavesOneEntryAndNoOrphan() throws InterruptedException {
        store.loseNextAnswer(one);
        LockHold hold = held(first.acquire());
        assertThat(queue())
                .extracting(KeyValue::key)
                .containsExactly(hold.token().entry());
        Futures.await(hold.commit(write("mine")));
        hold.close();
        eventuallyQueued(0);
    }

    @Test
    void lostRequestIsMadeUpFor() throws InterruptedException {
        store.dropNextRequest(one);
        LockHold hold = held(first.acquire());
        assertThat(queue())
                .extracting(KeyValue::key)
                .containsExactly(hold.token().entry());
    }

    @Test
    void waiterThatGivesUpInDoubtLeavesNothingBehind() {
        held(first.acquire());
        store.loseNextAnswer(two);
        CompletableFuture<LockHold> doubtful = second.acquire();
        doubtful.cancel(false);
        CompletableFuture<LockHold> next = third.acquire();
        eventuallyQueued(2);
        first.close();
        held(next);
    }

    @Test
    void entryRemovedByHandEndsTheTurn() throws InterruptedException {
        LockHold hold = held(first.acquire());
        CompletableFuture<LockHold> next = second.acquire();
        eventuallyQueued(2);
        Futures.await(observer.delete(hold.token().entry()));
        held(next);
        eventually(() -> assertThat(hold.isHeld()).isFalse());
        refused(hold);
    }

    @Test
    void entryChangedByHandEndsTheTurn() throws InterruptedException {
        LockHold hold = held(first.acquire());
        CompletableFuture<LockHold> next = second.acquire();
        eventuallyQueued(2);
        Futures.await(observer.put(hold.token().entry(), Bytes.ofUtf8("meddled")));
        held(next);
        eventually(() -> assertThat(hold.isHeld()).isFalse());
        refused(hold);
        eventuallyQueued(1);
    }

    @Test
    void whatIsNoPlaceInTheQueueIsOverlooked() throws InterruptedException {
        Futures.await(observer.put(QUEUE.key("place-without-a-lease"), Bytes.EMPTY));
        Futures.await(observer.put(QUEUE.key("notes"), Bytes.EMPTY));
        Futures.await(observer.put(QUEUE.key("deeper/place-x"), Bytes.EMPTY));
        held(first.acquire());
    }

    @Test
    void acquisitionBegunWhileTheStoreIsAwaySucceedsLater() {
        store.cut(one);
        CompletableFuture<LockHold> turn = first.acquire();
        store.advance(Duration.ofSeconds(30));
        assertThat(turn).isNotDone();
        store.heal(one);
        held(turn);
    }

    @Test
    void closingReleasesAndFailsWhoWaits() {
        LockHold hold = held(first.acquire());
        CompletableFuture<LockHold> own = first.acquire();
        eventuallyQueued(2);
        CompletableFuture<LockHold> next = second.acquire();
        eventuallyQueued(3);
        first.close();
        first.close();
        assertThat(hold.isHeld()).isFalse();
        held(next);
        eventuallyQueued(1);
        assertThat(own)
                .failsWithin(Duration.ofSeconds(60))
                .withThrowableThat()
                .withCauseInstanceOf(KvException.class)
                .withMessageContaining("the lock was closed");
        assertThatThrownBy(first::acquire)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(QUEUE.path());
    }

    @Test
    void closingWhileTheStoreIsAwayIsBoundedAndFinal() {
        DistributedLock closed = lock(one, brief());
        LockHold hold = held(closed.acquire());
        CompletableFuture<LockHold> next = second.acquire();
        eventuallyBehind(hold);
        store.cut(one);
        CompletableFuture<Void> closing = CompletableFuture.runAsync(closed::close);
        eventually(() -> assertThat(closing).isCompleted());
        assertThat(hold.isHeld()).isFalse();
        held(next);
        store.heal(one);
        eventuallyQueued(1);
    }

    @Test
    void closedBackendFailsWhoWaitsAndEndsWhatIsHeld() {
        LockHold hold = held(first.acquire());
        CompletableFuture<LockHold> next = first.acquire();
        eventuallyQueued(2);
        one.close();
        assertThat(next)
                .failsWithin(Duration.ofSeconds(60))
                .withThrowableThat()
                .withCauseInstanceOf(BackendClosedException.class);
        assertThat(hold.isHeld()).isFalse();
        assertThat(hold.ended().toCompletableFuture())
                .succeedsWithin(Duration.ofSeconds(60))
                .isEqualTo(HoldEnd.LOST);
    }
}
