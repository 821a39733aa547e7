package dev.rollcall.registry;

import static dev.rollcall.registry.RegistrationMode.EPHEMERAL;
import static dev.rollcall.registry.RegistrationMode.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class NodeViewTest extends RegistryFixture {
    private final KvBackend follower = store.open();
    private final NodeRegistry<NodeStatus> following = registry(follower);
    private final NodeRegistry<NodeStatus> writing = registry();

    private NodeView<NodeStatus> openView() {
        NodeView<NodeStatus> view = following.view(PUMPS);
        eventually(() -> assertThat(view.ready()).isDone());
        return view;
    }

    private void eventuallyDone(CompletableFuture<?> future) {
        eventually(() -> assertThat(future).isDone());
        assertThat(future).isCompleted();
    }

    @Test
    void viewIsFilledAndFollows() throws InterruptedException {
        long first = writing.updateNode(PUMPS, "a", status("a"));
        NodeView<NodeStatus> view = openView();
        assertThat(view.revision()).isEqualTo(first);
        assertThat(view.get("a")).isEqualTo(unclaimed(status("a"), first));
        assertThat(view.get("b")).isNull();
        eventuallyDone(view.awaitRevision(writing.updateNode(PUMPS, "b", status("b"))));
        assertThat(view.nodes()).extracting(Node::nodeId).containsExactlyInAnyOrder("a", "b");
        writing.removeNode(PUMPS, "a");
        eventually(() -> assertThat(view.get("a")).isNull());
        assertThat(view.nodes()).hasSize(1);
    }

    /** Many, since what is told too early is told so for a moment. */
    @Test
    void viewThatIsReadyIsNotStale() throws InterruptedException {
        for (int i = 0; i < 200; i++) {
            try (NodeView<NodeStatus> view = following.view(PUMPS)) {
                Optional<Instant> stale = Futures.await(view.ready().thenApply(nothing -> view.staleSince()));
                assertThat(stale).isEmpty();
            }
        }
    }

    @Test
    void cutIsUnchangedByWhatComesLater() throws InterruptedException {
        writing.updateNode(PUMPS, "a", status("a"));
        NodeView<NodeStatus> view = openView();
        NodeSet<NodeStatus> before = view.nodes();
        eventuallyDone(
                view.awaitRevision(writing.updateNode(PUMPS, "a", status("a").withScore(1))));
        assertThat(before.get("a")).extracting(Node::value).isEqualTo(status("a"));
        assertThat(view.get("a")).extracting(Node::value).isEqualTo(status("a").withScore(1));
    }

    @Test
    void writesElsewhereAreAwaitedByALookAtTheStore() throws InterruptedException {
        NodeView<NodeStatus> view = openView();
        long elsewhere =
                Futures.await(handle.put(Key.of("/elsewhere"), bytes("x"))).revision();
        CompletableFuture<Void> reached = view.awaitRevision(elsewhere);
        eventuallyDone(reached);
        assertThat(view.revision()).isGreaterThanOrEqualTo(elsewhere);
    }

    @Test
    void revisionThatTheStoreHasNotReachedIsAwaited() throws InterruptedException {
        long now = writing.updateNode(PUMPS, "a", status("a"));
        NodeView<NodeStatus> view = openView();
        CompletableFuture<Void> future = view.awaitRevision(now + 2);
        store.advance(Duration.ofMinutes(1));
        assertThat(future).isNotDone();
        writing.updateNode(PUMPS, "a", status("a"));
        writing.updateNode(PUMPS, "a", status("a"));
        eventuallyDone(future);
        assertThatIllegalArgumentException().isThrownBy(() -> view.awaitRevision(-1));
    }

    @Test
    void deadPumpStaysListedAsNotAlive() {
        NodeView<NodeStatus> view = openView();
        KvBackend owner = store.open();
        registry(owner).register(PUMPS, "kept", status("kept"), PERSISTENT);
        registry(owner).register(PUMPS, "leased", status("leased"), EPHEMERAL);
        eventually(() -> assertThat(view.nodes()).hasSize(2).allMatch(Node::isAlive));
        store.cut(owner);
        store.advance(Duration.ofSeconds(30));
        // Each has a lease of its own, and the leases end one after the other.
        eventually(() -> assertThat(view.get("leased")).isNull());
        eventually(() -> assertThat(view.get("kept")).isNotNull().satisfies(node -> {
            assertThat(node.isAlive()).isFalse();
            assertThat(node.value().isAlive()).isTrue();
        }));
        store.heal(owner);
        eventually(() -> assertThat(view.nodes()).hasSize(2).allMatch(Node::isAlive));
    }

    @Test
    void pumpThatWasRemovedByHandAndHasComeBackIsNotAliveOnceItsOwnerHasDied() throws InterruptedException {
        NodeView<NodeStatus> view = openView();
        KvBackend owner = store.open();
        registry(owner).register(PUMPS, "p", status("p"), PERSISTENT);
        eventually(() -> assertThat(view.get("p")).isNotNull());
        writing.removeNode(PUMPS, "p");
        eventually(() -> assertThat(writing.node(PUMPS, "p")).isPresent());
        store.cut(owner);
        store.advance(Duration.ofSeconds(30));
        eventually(() -> assertThat(Futures.await(handle.get(key(".rollcall/alive/pumps/p")))
                        .isPresent())
                .isFalse());
        eventuallyDone(view.awaitRevision(
                Futures.await(handle.get(key(".rollcall/alive/pumps/p"))).revision()));
        assertThat(view.get("p")).isNotNull().matches(node -> !node.isAlive());
    }

    @Test
    void recordThatNobodyClaimsIsAsAliveAsItsStateSays() throws InterruptedException {
        writing.updateNode(PUMPS, "go-1", status("go-1"));
        writing.updateNode(PUMPS, "go-2", status("go-2").withState(NodeState.PAUSED));
        NodeView<NodeStatus> view = openView();
        assertThat(view.get("go-1")).matches(Node::isAlive);
        assertThat(view.get("go-2")).matches(node -> !node.isAlive());
    }

    @Test
    void unreadableRecordsAreListedAndHarmNobody() throws InterruptedException {
        writing.updateNode(PUMPS, "good", status("good"));
        put("pumps/bad", "?");
        put("pumps/de/ep", "{}");
        NodeView<NodeStatus> view = openView();
        assertThat(view.nodes()).extracting(Node::nodeId).containsExactly("good");
        assertThat(view.unreadable())
                .extracting(UnreadableEntry::key)
                .containsExactly(key("pumps/bad"), key("pumps/de/ep"));
        eventuallyDone(view.awaitRevision(put("pumps/good", "now bad too")));
        assertThat(view.nodes()).isEmpty();
        assertThat(view.unreadable()).hasSize(3);
        writing.updateNode(PUMPS, "bad", status("bad"));
        writing.removeNode(PUMPS, "good");
        eventually(() -> assertThat(view.unreadable()).hasSize(1));
        assertThat(view.nodes()).extracting(Node::nodeId).containsExactly("bad");
    }

    @Test
    void whileAwayTheLastKnownGoodIsShownAndSaysSo() throws InterruptedException {
        writing.updateNode(PUMPS, "a", status("a"));
        NodeView<NodeStatus> view = openView();
        eventually(() -> assertThat(view.staleSince()).isEmpty());
        assertThat(view.age()).isZero();
        store.cut(follower);
        // While time stands still.
        await().atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> assertThat(view.staleSince()).isPresent());
        writing.updateNode(PUMPS, "b", status("b"));
        store.advance(Duration.ofSeconds(7));
        assertThat(view.age()).isEqualTo(Duration.ofSeconds(7));
        assertThat(view.nodes()).extracting(Node::nodeId).containsExactly("a");
        store.heal(follower);
        eventually(() -> assertThat(view.staleSince()).isEmpty());
        assertThat(view.nodes()).extracting(Node::nodeId).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void listenerIsToldWhatIsThereAndWhatChanges() throws InterruptedException {
        writing.updateNode(PUMPS, "a", status("a"));
        NodeView<NodeStatus> view = openView();
        List<String> told = new CopyOnWriteArrayList<>();
        List<Boolean> resynced = new CopyOnWriteArrayList<>();
        view.listen(update -> {
            // First, since it is looked at as soon as the other is there.
            resynced.add(update.resynced());
            update.changes().forEach(change -> told.add(change.type() + " " + change.nodeId()));
        });
        eventually(() -> assertThat(told).containsExactly("JOINED a"));
        assertThat(resynced).containsExactly(true);
        writing.updateNode(PUMPS, "a", status("a").withScore(1));
        eventually(() -> assertThat(told).containsExactly("JOINED a", "CHANGED a"));
        put("pumps/a", "?");
        eventually(() -> assertThat(told).containsExactly("JOINED a", "CHANGED a", "LEFT a"));
        assertThat(resynced).containsExactly(true, false, false);
        store.cut(follower);
        writing.updateNode(PUMPS, "a", status("a"));
        writing.updateNode(PUMPS, "b", status("b"));
        writing.removeNode(PUMPS, "b");
        store.compact();
        store.heal(follower);
        eventually(() -> assertThat(told).containsExactly("JOINED a", "CHANGED a", "LEFT a", "JOINED a"));
        assertThat(resynced.get(3)).isTrue();
    }

    @Test
    void slowListenerGetsTheDifferenceAndDelaysNobody() throws InterruptedException {
        NodeView<NodeStatus> view = openView();
        CompletableFuture<Void> gate = new CompletableFuture<>();
        List<ViewUpdate<NodeStatus>> slow = new CopyOnWriteArrayList<>();
        List<ViewUpdate<NodeStatus>> quick = new CopyOnWriteArrayList<>();
        view.listen(update -> {
            slow.add(update);
            gate.join();
        });
        view.listen(quick::add);
        eventually(() -> assertThat(slow).hasSize(1));
        for (int i = 0; i < 100; i++) {
            writing.updateNode(PUMPS, "a", status("a").withScore(i));
        }
        writing.updateNode(PUMPS, "gone", status("gone"));
        writing.removeNode(PUMPS, "gone");
        long last = writing.updateNode(PUMPS, "b", status("b"));
        eventually(() -> assertThat(quick).extracting(ViewUpdate::revision).endsWith(last));
        gate.complete(null);
        eventually(() -> assertThat(slow).hasSize(2));
        assertThat(slow.get(1).changes())
                .extracting(change -> change.type() + " " + change.nodeId())
                .containsExactly("JOINED a", "JOINED b");
    }

    @Test
    void closingEndsTheWaitButKeepsWhatIsThere() throws InterruptedException {
        long now = writing.updateNode(PUMPS, "a", status("a"));
        NodeView<NodeStatus> view = openView();
        CompletableFuture<Void> future = view.awaitRevision(now + 1);
        view.close();
        view.close();
        assertThat(future)
                .failsWithin(Duration.ofSeconds(90))
                .withThrowableThat()
                .withCauseInstanceOf(KvException.class)
                .withMessageContaining("the view was closed");
        assertThat(view.awaitRevision(now)).isCompleted();
        assertThat(view.awaitRevision(now + 1)).isCompletedExceptionally();
        assertThat(view.get("a")).isNotNull();
        assertThat(view.failure()).isPresent();
    }

    @Test
    void closedBackendIsAFailureOfTheView() throws InterruptedException {
        long now = writing.updateNode(PUMPS, "a", status("a"));
        NodeView<NodeStatus> view = openView();
        CompletableFuture<Void> future = view.awaitRevision(now + 1);
        follower.close();
        eventually(() -> assertThat(future).isCompletedExceptionally());
        assertThat(view.failure()).containsInstanceOf(BackendClosedException.class);
        assertThat(view.staleSince()).isPresent();
        assertThat(view.get("a")).isNotNull();
    }

    @Test
    void timedOutAwaiterIsForgotten() throws InterruptedException {
        NodeView<NodeStatus> view = openView();
        CompletableFuture<Void> future = view.awaitRevision(1_000_000);
        future.cancel(false);
        eventuallyDone(view.awaitRevision(writing.updateNode(PUMPS, "a", status("a"))));
        assertThatExceptionOfType(NullPointerException.class).isThrownBy(() -> view.listen(null));
    }
}
