package dev.rollcall.registry;

import static dev.rollcall.registry.RegistrationMode.EPHEMERAL;
import static dev.rollcall.registry.RegistrationMode.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.TimeSource;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.support.ForwardingBackend;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RegistrationTest extends RegistryFixture {
    private static final String CLAIM = ".rollcall/alive/pumps/p";

    private final KvBackend owner = store.open();
    private final NodeRegistry<NodeStatus> owning = registry(owner);
    private final NodeRegistry<NodeStatus> observing = registry();

    private Registration<NodeStatus> register(RegistrationMode mode) {
        Registration<NodeStatus> registration = owning.register(
                PUMPS, "p", status("p"), RegistrationOptions.of(mode).withSeed(7));
        eventually(() -> assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED));
        return registration;
    }

    private @Nullable Node<NodeStatus> stored() throws InterruptedException {
        return observing.node(PUMPS, "p").orElse(null);
    }

    private Node<NodeStatus> present() throws InterruptedException {
        return observing.node(PUMPS, "p").orElseThrow();
    }

    private boolean claimed() throws InterruptedException {
        return Futures.await(handle.get(key(CLAIM))).isPresent();
    }

    private void eventuallyStored(NodeStatus expected) {
        eventually(() -> assertThat(stored())
                .isNotNull()
                .satisfies(node -> assertThat(node.value()).isEqualTo(expected)));
        eventually(() -> assertThat(claimed()).isTrue());
    }

    private static List<RegistrationState> follow(Registration<NodeStatus> registration) {
        List<RegistrationState> states = new CopyOnWriteArrayList<>();
        registration.onStatus(status -> {
            if (states.isEmpty() || states.get(states.size() - 1) != status.state()) {
                states.add(status.state());
            }
        });
        return states;
    }

    /** Waits until every status so far has been told: listeners are told in order, so when a new one hears its first, the others have heard theirs. */
    private static void allTold(Registration<NodeStatus> registration) throws InterruptedException {
        CountDownLatch told = new CountDownLatch(1);
        registration.onStatus(status -> told.countDown());
        assertThat(told.await(90, TimeUnit.SECONDS)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void nodeAppearsWithItsClaim(RegistrationMode mode) throws InterruptedException {
        register(mode);
        assertThat(present().leased()).isEqualTo(mode == EPHEMERAL);
        assertThat(claimed()).isTrue();
        assertThat(Futures.await(handle.list(ROOT.directory("pumps"))).size()).isEqualTo(1);
    }

    /** Many, since what is told too early is told so for a moment. */
    @Test
    void nodeThatIsStoredIsRegistered() {
        for (int i = 0; i < 200; i++) {
            Registration<NodeStatus> registration = owning.register(PUMPS, "p" + i, status("p" + i), EPHEMERAL);
            CompletableFuture<RegistrationState> then =
                    registration.registered().thenApply(revision -> registration.state());
            eventually(() -> assertThat(then).isCompletedWithValue(RegistrationState.REGISTERED));
        }
    }

    @ParameterizedTest
    @EnumSource
    void lostLeaseIsHealed(RegistrationMode mode) {
        Registration<NodeStatus> registration = register(mode);
        List<RegistrationState> states = follow(registration);
        store.expireLeases(owner);
        eventually(() -> assertThat(states)
                .containsExactly(
                        RegistrationState.REGISTERED,
                        RegistrationState.LOST,
                        RegistrationState.REPAIRING,
                        RegistrationState.REGISTERED));
        eventuallyStored(status("p"));
    }

    @ParameterizedTest
    @EnumSource
    void outageLongerThanTheTtlIsHealedWithTheNewestValue(RegistrationMode mode) {
        Registration<NodeStatus> registration = register(mode);
        store.cut(owner);
        CompletableFuture<Long> older = registration.update(status("p").withScore(1));
        CompletableFuture<Long> newest = registration.update(status("p").withScore(2));
        store.advance(Duration.ofSeconds(30));
        eventually(() -> assertThat(claimed()).isFalse());
        eventually(() -> assertThat(stored() == null).isEqualTo(mode == EPHEMERAL));
        eventually(() -> assertThat(registration.state()).isEqualTo(RegistrationState.LOST));
        store.heal(owner);
        eventuallyStored(status("p").withScore(2));
        eventually(() -> assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED));
        eventually(() -> assertThat(newest).isCompleted());
        assertThat(older).isCompletedWithValue(newest.join());
    }

    @ParameterizedTest
    @EnumSource
    void shortCutIsNotSeenByOthers(RegistrationMode mode) throws InterruptedException {
        Registration<NodeStatus> registration = register(mode);
        List<RegistrationState> states = follow(registration);
        long before = Futures.await(handle.get(key(CLAIM))).revision();
        for (int i = 0; i < 5; i++) {
            store.cut(owner);
            store.advance(Duration.ofSeconds(3));
            store.heal(owner);
            store.advance(Duration.ofSeconds(5));
        }
        CompletableFuture<Long> stored = registration.update(status("p").withScore(1));
        eventually(() -> assertThat(stored).isCompleted());
        assertThat(Futures.await(handle.get(key(CLAIM))).revision()).isEqualTo(before + 1);
        allTold(registration);
        assertThat(states).containsExactly(RegistrationState.REGISTERED);
    }

    @ParameterizedTest
    @EnumSource
    void deletionByHandIsHealed(RegistrationMode mode) throws InterruptedException {
        Registration<NodeStatus> registration = register(mode);
        List<RegistrationState> states = follow(registration);
        observing.removeNode(PUMPS, "p");
        eventuallyStored(status("p"));
        eventually(() -> assertThat(states)
                .containsExactly(
                        RegistrationState.REGISTERED, RegistrationState.REPAIRING, RegistrationState.REGISTERED));
        assertThat(present().leased()).isEqualTo(mode == EPHEMERAL);
        Futures.await(handle.delete(key(CLAIM)));
        eventuallyStored(status("p"));
        Futures.await(handle.commit(
                Txn.builder().delete(key(CLAIM)).delete(key("pumps/p")).build()));
        eventuallyStored(status("p"));
    }

    @ParameterizedTest
    @EnumSource
    void changeByHandIsUndone(RegistrationMode mode) throws InterruptedException {
        register(mode);
        observing.updateNode(PUMPS, "p", status("p").withScore(99));
        eventuallyStored(status("p"));
    }

    @ParameterizedTest
    @EnumSource
    void lostAnswersAndRequestsLeadNowhereElse(RegistrationMode mode) {
        store.loseNextAnswer(owner);
        Registration<NodeStatus> registration = register(mode);
        for (int score = 1; score < 6; score++) {
            if (score % 2 == 0) {
                store.loseNextAnswer(owner);
            } else {
                store.dropNextRequest(owner);
            }
            CompletableFuture<Long> stored = registration.update(status("p").withScore(score));
            eventually(() -> assertThat(stored).isDone());
            eventuallyStored(status("p").withScore(score));
        }
        eventually(() -> assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED));
    }

    @ParameterizedTest
    @EnumSource
    void secondOwnerWaitsWithoutAFightUntilTheFirstHasGone(RegistrationMode mode) throws InterruptedException {
        Registration<NodeStatus> first = register(mode);
        NodeRegistry<NodeStatus> rival = registry(store.open());
        Registration<NodeStatus> second = rival.register(PUMPS, "p", status("p").withScore(2), mode);
        eventually(() -> assertThat(second.state()).isEqualTo(RegistrationState.CONFLICT));
        assertThat(second.status().reason()).contains("another owner");
        long before = Futures.await(handle.get(key(CLAIM))).revision();
        store.advance(Duration.ofMinutes(1));
        assertThat(Futures.await(handle.get(key(CLAIM))).revision()).isEqualTo(before);
        assertThat(first.state()).isEqualTo(RegistrationState.REGISTERED);
        first.close();
        eventually(() -> assertThat(second.state()).isEqualTo(RegistrationState.REGISTERED));
        eventuallyStored(status("p").withScore(2));
    }

    @Test
    void secondOwnerThatDoesNotHealStaysInConflict() {
        Registration<NodeStatus> first = register(EPHEMERAL);
        NodeRegistry<NodeStatus> rival = registry(store.open());
        Registration<NodeStatus> second = rival.register(
                PUMPS, "p", status("p"), RegistrationOptions.of(EPHEMERAL).withHealingAfterConflict(false));
        eventually(() -> assertThat(second.state()).isEqualTo(RegistrationState.CONFLICT));
        first.close();
        store.advance(Duration.ofMinutes(1));
        eventually(() -> assertThat(stored()).isNull());
        assertThat(second.state()).isEqualTo(RegistrationState.CONFLICT);
        second.close();
        assertThat(second.state()).isEqualTo(RegistrationState.CLOSED);
    }

    @Test
    void idTakenDuringAnOutageIsAConflictAndNotTakenBack() throws InterruptedException {
        Registration<NodeStatus> first = register(EPHEMERAL);
        store.cut(owner);
        store.advance(Duration.ofSeconds(30));
        Registration<NodeStatus> second =
                registry(store.open()).register(PUMPS, "p", status("p").withScore(2), EPHEMERAL);
        eventually(() -> assertThat(second.state()).isEqualTo(RegistrationState.REGISTERED));
        store.heal(owner);
        eventually(() -> assertThat(first.state()).isEqualTo(RegistrationState.CONFLICT));
        assertThat(present().value().score()).isEqualTo(2);
        first.close();
        assertThat(present().value().score()).isEqualTo(2);
    }

    @Test
    void strangersRecordIsNotReplacedByALeasedOneButAdoptedByAKeptOne() throws InterruptedException {
        observing.updateNode(PUMPS, "p", status("p").withScore(5));
        Registration<NodeStatus> leased = owning.register(PUMPS, "p", status("p"), EPHEMERAL);
        eventually(() -> assertThat(leased.state()).isEqualTo(RegistrationState.CONFLICT));
        assertThat(leased.status().reason()).contains("without a lease");
        assertThat(present().value().score()).isEqualTo(5);
        observing.removeNode(PUMPS, "p");
        eventually(() -> assertThat(leased.state()).isEqualTo(RegistrationState.REGISTERED));
        leased.close();
        observing.updateNode(PUMPS, "p", status("p").withScore(5));
        register(PERSISTENT);
        eventuallyStored(status("p"));
    }

    @Test
    void closingRemovesALeasedRecord() throws InterruptedException {
        Registration<NodeStatus> registration = register(EPHEMERAL);
        registration.close();
        registration.close();
        assertThat(stored()).isNull();
        assertThat(claimed()).isFalse();
        assertThat(registration.state()).isEqualTo(RegistrationState.CLOSED);
        assertThat(registration.update(status("p")))
                .failsWithin(Duration.ofSeconds(90))
                .withThrowableThat()
                .withCauseInstanceOf(KvException.class);
    }

    @Test
    void closingLeavesAKeptRecordPaused() throws InterruptedException {
        Registration<NodeStatus> registration = register(PERSISTENT);
        registration.update(status("p").withScore(3));
        registration.close();
        assertThat(present().value())
                .isEqualTo(status("p").withScore(3).withState(NodeState.PAUSED).withAlive(false));
        assertThat(claimed()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void closingWhileTheStoreIsAwayIsBoundedAndFinal(RegistrationMode mode) throws InterruptedException {
        Registration<NodeStatus> registration = register(mode);
        store.cut(owner);
        CompletableFuture<Void> closing = CompletableFuture.runAsync(registration::close);
        eventually(() -> assertThat(closing).isCompleted());
        store.advance(Duration.ofSeconds(30));
        store.heal(owner);
        eventually(() -> assertThat(registration.state()).isEqualTo(RegistrationState.CLOSED));
        store.advance(Duration.ofSeconds(30));
        assertThat(claimed()).isFalse();
        assertThat(stored() == null).isEqualTo(mode == EPHEMERAL);
    }

    @Test
    void closingARegistryWithManyRegistrationsWaitsOnce() throws InterruptedException {
        Duration once = Duration.ofSeconds(7);
        CountDownLatch waits = new CountDownLatch(1);
        NodeRegistry<NodeStatus> many = NodeRegistry.builder(owner, NodeCodec.tidbBinlog())
                .time(telling(once, waits))
                .requestTimeout(once)
                .build();
        for (int i = 0; i < 20; i++) {
            many.register(PUMPS, "p" + i, status("p" + i), EPHEMERAL);
        }
        eventually(() -> assertThat(observing.nodes(PUMPS)).hasSize(20));
        store.cut(owner);
        CompletableFuture<Void> closing = CompletableFuture.runAsync(many::close);
        // No time passes but what it waits for.
        assertThat(waits.await(90, TimeUnit.SECONDS)).isTrue();
        store.advance(once);
        assertThat(closing).succeedsWithin(Duration.ofSeconds(90));
        many.close();
    }

    /** The store's time, which also tells when something is first put off by {@code delay}. */
    private TimeSource telling(Duration delay, CountDownLatch putOff) {
        return new ForwardingTime(store.time()) {
            @Override
            public Subscription schedule(Duration by, Runnable task) {
                Subscription scheduled = super.schedule(by, task);
                if (by.equals(delay)) {
                    putOff.countDown();
                }
                return scheduled;
            }
        };
    }

    @Test
    void registrationBegunWhileTheStoreIsAwaySucceedsLater() {
        store.cut(owner);
        Registration<NodeStatus> registration = owning.register(PUMPS, "p", status("p"), EPHEMERAL);
        store.advance(Duration.ofSeconds(30));
        assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERING);
        store.heal(owner);
        eventuallyStored(status("p"));
    }

    @Test
    void closedBackendEndsTheRegistration() {
        Registration<NodeStatus> registration = register(EPHEMERAL);
        owner.close();
        eventually(() -> assertThat(registration.state()).isEqualTo(RegistrationState.CLOSED));
        assertThat(registration.status().reason()).isEqualTo("the backend was closed");
    }

    @Test
    void compactionWhileAwayLosesNoDeletion() throws InterruptedException {
        Registration<NodeStatus> registration = register(PERSISTENT);
        store.cut(owner);
        observing.removeNode(PUMPS, "p");
        put("drainers/x", "{}");
        store.compact();
        store.heal(owner);
        eventuallyStored(status("p"));
        // The store has it before the registration knows.
        eventually(() -> assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED));
    }

    @ParameterizedTest
    @EnumSource
    void deletionThatTheWatchMissedWhileAnAnswerWasOnItsWayIsHealed(RegistrationMode mode) throws InterruptedException {
        AtomicInteger watches = new AtomicInteger();
        AtomicReference<CompletableFuture<Void>> gate = new AtomicReference<>(CompletableFuture.completedFuture(null));
        InMemoryBackend real = (InMemoryBackend) owner;
        NodeRegistry<NodeStatus> delayed = registry(new ForwardingBackend(real) {
            @Override
            public CompletableFuture<Commit> commit(Txn txn) {
                return super.commit(txn).thenCombine(gate.get(), (commit, nothing) -> commit);
            }

            @Override
            public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
                Watch watch = super.watch(directory, start, listener);
                watches.incrementAndGet();
                return watch;
            }
        });
        Registration<NodeStatus> registration = delayed.register(PUMPS, "p", status("p"), mode);
        eventually(() -> assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED));
        CompletableFuture<Void> answer = new CompletableFuture<>();
        gate.set(answer);
        registration.update(status("p").withScore(1));
        eventually(() -> assertThat(present().value().score()).isEqualTo(1));
        real.faults().freeze();
        observing.removeNode(PUMPS, "p");
        put("drainers/x", "{}");
        store.compact();
        real.faults().thaw();
        eventually(() -> assertThat(watches).hasValue(2));
        gate.set(CompletableFuture.completedFuture(null));
        answer.complete(null);
        eventuallyStored(status("p").withScore(1));
        eventually(() -> assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED));
    }

    @Test
    void throwingAndBlockedListenersHarmNobody() throws InterruptedException {
        Registration<NodeStatus> registration = register(EPHEMERAL);
        CompletableFuture<Void> blocked = new CompletableFuture<>();
        registration.onStatus(status -> {
            throw new IllegalStateException("on purpose");
        });
        registration.onStatus(status -> blocked.join());
        long before = present().revision();
        store.expireLeases(owner);
        // How soon it is written again depends on whether the watch or the lease tells of the loss first.
        eventually(() ->
                assertThat(stored()).isNotNull().extracting(Node::revision).isNotEqualTo(before));
        eventuallyStored(status("p"));
        blocked.complete(null);
    }

    @Test
    void tooLargeValueIsRefusedAndTheOldOneStays() {
        Registration<NodeStatus> registration = register(EPHEMERAL);
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> registration.update(
                        NodeStatus.builder("p", "x".repeat(600_000)).build()));
        assertThat(registration.value()).isEqualTo(status("p"));
    }
}
