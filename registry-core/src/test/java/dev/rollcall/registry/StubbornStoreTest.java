package dev.rollcall.registry;

import static dev.rollcall.registry.RegistrationMode.EPHEMERAL;
import static dev.rollcall.registry.RegistrationMode.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.DeadlineExceededException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.Write;
import dev.rollcall.kv.support.ForwardingBackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Stores that deny, forget, are away or are fought over: what waits says why, and what can come back does. */
@NullUnmarked
class StubbornStoreTest extends RegistryFixture {
    private final NodeRegistry<NodeStatus> writing = registry();

    /** Denies watches while it is told to, also those that run. */
    private static final class Denying extends ForwardingBackend {
        final List<WatchListener> running = new CopyOnWriteArrayList<>();
        private volatile boolean denies;

        Denying(KvBackend real) {
            super(real);
        }

        private static AccessDeniedException denied() {
            return new AccessDeniedException(new KvException.Context("x", "watch", null), "on purpose", null);
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            if (denies) {
                listener.onEnd(denied());
                return super.watch(Directory.of("/nothing"), start, new Deaf());
            }
            Guarded guarded = new Guarded(listener);
            running.add(guarded);
            return super.watch(directory, start, guarded);
        }

        void deny() {
            denies = true;
            running.forEach(listener -> listener.onEnd(denied()));
            running.clear();
        }

        void allow() {
            denies = false;
        }
    }

    private static final class Guarded implements WatchListener {
        private final WatchListener real;
        private boolean ended;

        Guarded(WatchListener real) {
            this.real = real;
        }

        @Override
        public synchronized void onSignal(WatchSignal signal) {
            if (!ended) {
                real.onSignal(signal);
            }
        }

        @Override
        public synchronized void onEnd(@Nullable KvException cause) {
            if (!ended) {
                ended = true;
                real.onEnd(cause);
            }
        }
    }

    /** Listens to nothing. */
    static final class Deaf implements WatchListener {
        @Override
        public void onSignal(WatchSignal signal) {}

        @Override
        public void onEnd(@Nullable KvException cause) {}
    }

    @Test
    void viewComesBackFromADenialAndSaysWhyItIsBehind() throws InterruptedException {
        Denying denying = new Denying(handle);
        NodeView<NodeStatus> view = registry(denying).view(PUMPS);
        writing.updateNode(PUMPS, "a", status("a"));
        eventually(() -> assertThat(view.get("a")).isNotNull());
        eventually(() -> assertThat(view.staleSince()).isEmpty());
        assertThat(view.lastFailure()).isEmpty();
        denying.deny();
        assertThat(view.staleSince()).isPresent();
        assertThat(view.lastFailure()).containsInstanceOf(AccessDeniedException.class);
        long second = writing.updateNode(PUMPS, "b", status("b"));
        // A look at the store brings what is awaited, but the view still does not follow it.
        CompletableFuture<Void> reached = view.awaitRevision(second);
        eventually(() -> assertThat(reached).isCompleted());
        store.cut(handle);
        store.heal(handle);
        store.advance(Duration.ofSeconds(30));
        assertThat(view.staleSince()).isPresent();
        assertThat(view.age()).isPositive();
        assertThat(view.failure()).isEmpty();
        denying.allow();
        writing.updateNode(PUMPS, "c", status("c"));
        eventually(() -> assertThat(view.get("c")).isNotNull());
        eventually(() -> assertThat(view.staleSince()).isEmpty());
        assertThat(view.nodes()).hasSize(3);
    }

    @Test
    void viewThatIsDeniedFromTheBeginningIsFilledOnceItMay() throws InterruptedException {
        Denying denying = new Denying(handle);
        denying.deny();
        NodeView<NodeStatus> view = registry(denying).view(PUMPS);
        writing.updateNode(PUMPS, "a", status("a"));
        CompletableFuture<Throwable> waiting = failureOf(() -> view.awaitReady(Duration.ofSeconds(3)));
        eventually(() -> assertThat(waiting).isDone());
        assertThat(waiting.join())
                .isInstanceOf(DeadlineExceededException.class)
                .hasMessageContaining("waiting for the view to be filled")
                .hasMessageContaining("on purpose");
        denying.allow();
        CompletableFuture<Throwable> ready = failureOf(() -> view.awaitReady(Duration.ofMinutes(1)));
        eventually(() -> assertThat(ready).isDone());
        assertThat(ready.join()).isNull();
        assertThat(view.get("a")).isNotNull();
    }

    @Test
    void storeThatHasGoneBackFillsTheViewAnew() {
        List<WatchListener> watches = new CopyOnWriteArrayList<>();
        NodeView<NodeStatus> view = registry(new ForwardingBackend(handle) {
                    @Override
                    public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
                        watches.add(listener);
                        return super.watch(Directory.of("/nothing"), start, new Deaf());
                    }
                })
                .view(PUMPS);
        List<String> told = new CopyOnWriteArrayList<>();
        view.listen(update -> update.changes().forEach(change -> told.add(change.type() + " " + change.nodeId())));
        WatchListener watch = watches.get(0);
        watch.onSignal(new Snapshot(ROOT, List.of(entry("a", 1, 5), entry("b", 1, 7)), 9));
        // What comes before the listener has been told may be told together.
        eventually(() -> assertThat(told).contains("JOINED b"));
        watch.onSignal(new Snapshot(ROOT, List.of(entry("a", 2, 5)), 6));
        assertThat(view.revision()).isEqualTo(6);
        assertThat(view.nodes()).extracting(node -> node.value().score()).containsExactly(2L);
        assertThat(view.get("b")).isNull();
        eventually(() -> assertThat(told).contains("LEFT b"));
        eventually(() -> assertThat(told).anyMatch(change -> change.equals("CHANGED a") || change.equals("JOINED a")));
    }

    private static KeyValue entry(String nodeId, long score, long revision) {
        Bytes value = NodeStatusJson.encode(status(nodeId).withScore(score));
        return new KeyValue(key("pumps/" + nodeId), value, revision, false);
    }

    // --- Registrations that wait

    private interface Blocking {
        void run() throws InterruptedException;
    }

    /** What {@code code} throws on a thread of its own; null if it returns. */
    private static CompletableFuture<Throwable> failureOf(Blocking code) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                code.run();
                return null;
            } catch (KvException | InterruptedException e) {
                return e;
            }
        });
    }

    @Test
    void registrationThatCannotBeWrittenSaysWhy() {
        KvBackend away = store.open();
        store.cut(away);
        Registration<NodeStatus> registration = registry(away).register(PUMPS, "p", status("p"), EPHEMERAL);
        // Before anybody waits, or the time to wait might be over before the first attempt has failed.
        eventually(() -> assertThat(registration.status().reason()).doesNotContain("has not been written yet"));
        CompletableFuture<Throwable> waiting = failureOf(() -> registration.awaitRegistered(Duration.ofSeconds(20)));
        eventually(() -> assertThat(waiting).isDone());
        assertThat(registration.status().state()).isEqualTo(RegistrationState.REGISTERING);
        assertThat(waiting.join())
                .isInstanceOf(DeadlineExceededException.class)
                .hasMessageContaining(registration.status().reason().replaceAll("\\.$", ""));
        assertThat(registration.registered()).isNotDone();
        store.heal(away);
        eventually(() -> assertThat(registration.registered()).isCompleted());
    }

    @Test
    void valuesThatWaitTogetherShareOneFuture() {
        KvBackend away = store.open();
        Registration<NodeStatus> registration = registry(away).register(PUMPS, "p", status("p"), PERSISTENT);
        eventually(() -> assertThat(registration.registered()).isCompleted());
        store.cut(away);
        Set<CompletableFuture<Long>> futures = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            futures.add(registration.update(status("p").withScore(i)));
        }
        // One is on its way, all others wait for the newest.
        assertThat(futures).hasSizeLessThanOrEqualTo(2);
        CompletableFuture<Long> last = registration.update(status("p").withScore(10_000));
        assertThat(last.cancel(true)).isFalse();
        store.heal(away);
        eventually(() -> assertThat(futures).allMatch(CompletableFuture::isDone));
        eventually(() -> assertThat(last).isCompleted());
        eventually(
                () -> assertThat(writing.node(PUMPS, "p").orElseThrow().value().score())
                        .isEqualTo(10_000));
    }

    @Test
    void valuesThatMayHaveBeenWrittenAreKeptInMindWithinBounds() throws InterruptedException {
        Doubtful doubtful = new Doubtful(store.open());
        RegistrationOptions options =
                RegistrationOptions.of(EPHEMERAL).withPauses(Duration.ofMillis(1), Duration.ofMillis(10));
        Registration<NodeStatus> registration = registry(doubtful).register(PUMPS, "p", status("p"), options);
        eventually(() -> assertThat(registration.registered()).isCompleted());
        doubtful.doubts = true;
        CompletableFuture<Long> last = registration.registered();
        for (int i = 1; i <= 12; i++) {
            last = registration.update(status("p").withScore(i));
            int before = doubtful.tried.size();
            // Each is tried, and none is answered, though reads are.
            eventually(() -> assertThat(doubtful.tried).hasSizeGreaterThan(before));
        }
        assertThat(new HashSet<>(doubtful.tried)).hasSizeLessThanOrEqualTo(8);
        doubtful.doubts = false;
        CompletableFuture<Long> stored = last;
        eventually(() -> assertThat(stored).isCompleted());
        assertThat(writing.node(PUMPS, "p").orElseThrow().value().score()).isEqualTo(12);
    }

    /** Answers reads, and leaves writes in doubt while it is told to. */
    private static final class Doubtful extends ForwardingBackend {
        final List<Bytes> tried = new CopyOnWriteArrayList<>();
        private volatile boolean doubts;

        Doubtful(KvBackend real) {
            super(real);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            if (!doubts) {
                return super.commit(txn);
            }
            txn.writes().stream()
                    .filter(Write.Put.class::isInstance)
                    .map(write -> ((Write.Put) write).value())
                    .forEach(tried::add);
            KvException.Context context = new KvException.Context("x", "commit", null);
            return CompletableFuture.failedFuture(
                    new UnavailableException(context, Outcome.UNKNOWN, "it was not answered, on purpose", null));
        }
    }

    @Test
    void finalConflictFailsWhatWaits() {
        writing.register(PUMPS, "p", status("p"), EPHEMERAL);
        eventually(() -> assertThat(writing.node(PUMPS, "p")).isPresent());
        Registration<NodeStatus> second = registry(store.open())
                .register(
                        PUMPS,
                        "p",
                        status("p"),
                        RegistrationOptions.of(EPHEMERAL).withHealingAfterConflict(false));
        CompletableFuture<Long> before = second.update(status("p").withScore(1));
        eventually(() -> assertThat(second.registered()).isCompletedExceptionally());
        eventually(() -> assertThat(before).isCompletedExceptionally());
        assertThat(failureOf(() -> Futures.await(second.update(status("p").withScore(2)))))
                .succeedsWithin(Duration.ofSeconds(90))
                .isInstanceOfSatisfying(KvException.class, e -> {
                    assertThat(e.outcome()).isEqualTo(Outcome.NOT_APPLIED);
                    assertThat(e).hasMessageContaining("another owner");
                });
        second.close();
    }

    @ParameterizedTest
    @EnumSource
    void ownerThatIsKnownTakesItsOwnPlaceBackAtOnceAndDisplacesItsFormerSelf(RegistrationMode mode) {
        RegistrationOptions options = RegistrationOptions.of(mode).withOwner("pod-1");
        KvBackend first = store.open();
        Registration<NodeStatus> crashed = registry(first).register(PUMPS, "p", status("p"), options);
        eventually(() -> assertThat(crashed.registered()).isCompleted());
        store.cut(first);
        Registration<NodeStatus> again =
                registry(store.open()).register(PUMPS, "p", status("p").withScore(2), options);
        // Time does not pass here, so the former claim is still there.
        assertThat(again.registered()).succeedsWithin(Duration.ofSeconds(90));
        Registration<NodeStatus> stranger = registry(store.open())
                .register(PUMPS, "p", status("p"), RegistrationOptions.of(mode).withOwner("pod-2"));
        eventually(() -> assertThat(stranger.state()).isEqualTo(RegistrationState.CONFLICT));
        stranger.close();
        store.heal(first);
        eventually(() -> assertThat(crashed.state()).isEqualTo(RegistrationState.CONFLICT));
        assertThat(crashed.status().reason()).contains("pod-1").contains("taken the id over");
        assertThat(crashed.update(status("p"))).isCompletedExceptionally();
        store.advance(Duration.ofMinutes(1));
        assertThat(again.state()).isEqualTo(RegistrationState.REGISTERED);
        again.close();
        store.advance(Duration.ofMinutes(1));
        assertThat(crashed.state()).isEqualTo(RegistrationState.CONFLICT);
    }

    @Test
    void closingOnAnInterruptedThreadStillConfirms() throws InterruptedException {
        NodeRegistry<NodeStatus> owning = registry(new ForwardingBackend(store.open()) {
            @Override
            public CompletableFuture<Commit> commit(Txn txn) {
                // On another thread, so that nothing is done by the time that the caller begins to wait.
                return CompletableFuture.supplyAsync(() -> null).thenCompose(nothing -> super.commit(txn));
            }
        });
        Registration<NodeStatus> registration = owning.register(PUMPS, "p", status("p"), PERSISTENT);
        eventually(() -> assertThat(registration.registered()).isCompleted());
        Thread.currentThread().interrupt();
        owning.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(Futures.await(handle.get(key(".rollcall/alive/pumps/p"))).isPresent())
                .isFalse();
        assertThat(writing.node(PUMPS, "p").orElseThrow().value().state()).isEqualTo(NodeState.PAUSED);
    }

    // --- Contention

    @Test
    void changeThatLosesEachTimeSaysHowOftenAndThatNothingWasApplied() throws InterruptedException {
        writing.updateNode(PUMPS, "p", status("p"));
        List<Integer> attempts = new ArrayList<>();
        NodeRegistry<NodeStatus> unlucky = registry(new ForwardingBackend(handle) {
            @Override
            public CompletableFuture<Commit> commit(Txn txn) {
                attempts.add(1);
                store.advance(Duration.ofMillis(400));
                return CompletableFuture.failedFuture(ConditionFailedException.of(
                        new KvException.Context("x", "commit", null),
                        txn.conditions().get(0),
                        99L));
            }
        });
        assertThatExceptionOfType(DeadlineExceededException.class)
                .isThrownBy(() -> unlucky.updateNode(PUMPS, "p", status -> status))
                .withMessageContaining("changed the record first")
                .satisfies(e -> {
                    assertThat(e.outcome()).isEqualTo(Outcome.NOT_APPLIED);
                    assertThat(e).hasMessageContaining(attempts.size() + " times");
                });
        assertThat(attempts).hasSizeBetween(3, 12);
    }

    // --- Names

    @Test
    void badNameIsRefusedInItsOwnWords() {
        for (String bad : new String[] {"", ".", "..", "a/b", "a\u0001", "\ud800", "x".repeat(600)}) {
            assertThat(failureOfName(() -> writing.node(PUMPS, bad)))
                    .startsWith("Not a nodeId: '")
                    .doesNotContain(".rollcall");
            assertThat(failureOfName(() -> writing.nodes(bad)))
                    .startsWith("Not a kind: '")
                    .doesNotContain(".rollcall");
        }
        assertThat(failureOfName(() -> writing.node(PUMPS, "\u202ea/b"))).contains("\\u202ea/b");
    }

    private static String failureOfName(Blocking code) {
        try {
            code.run();
            return "";
        } catch (IllegalArgumentException e) {
            return String.valueOf(e.getMessage());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
