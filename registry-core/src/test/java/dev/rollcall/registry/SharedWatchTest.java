package dev.rollcall.registry;

import static dev.rollcall.registry.RegistrationMode.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.support.ForwardingBackend;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Everything of a registry that follows one directory shares one watch, whoever comes first and last. */
class SharedWatchTest extends RegistryFixture {
    private static final String DRAINERS = NodeKinds.DRAINERS;

    private final CountingBackend counting = new CountingBackend(handle);
    private final NodeRegistry<NodeStatus> registry = registry(counting);
    private final NodeRegistry<NodeStatus> writing = registry();

    private NodeView<NodeStatus> filled(NodeView<NodeStatus> view) {
        eventually(() -> assertThat(view.ready()).isCompleted());
        return view;
    }

    private Registration<NodeStatus> registered(String nodeId) {
        Registration<NodeStatus> registration = registry.register(PUMPS, nodeId, status(nodeId), PERSISTENT);
        eventually(() -> assertThat(registration.registered()).isCompleted());
        return registration;
    }

    private void close(Registration<NodeStatus> registration) {
        CompletableFuture<Void> closed = CompletableFuture.runAsync(registration::close);
        eventually(() -> assertThat(closed).isCompleted());
    }

    @Test
    void twoViewsAndARegistrationAreOneWatchThatEndsWithTheLast() {
        NodeView<NodeStatus> pumps = filled(registry.view(PUMPS));
        NodeView<NodeStatus> drainers = filled(registry.view(DRAINERS));
        Registration<NodeStatus> registration = registered("p");
        eventually(() -> assertThat(pumps.get("p")).isNotNull().matches(Node::isAlive));
        assertThat(counting.watched).containsExactly(ROOT);
        pumps.close();
        drainers.close();
        assertThat(counting.running).hasSize(1);
        close(registration);
        eventually(() -> assertThat(counting.running).isEmpty());
        assertThat(counting.watched).hasSize(1);
    }

    @Test
    void registrationThatComesFirstSharesItsWatchWithViews() throws InterruptedException {
        writing.updateNode(DRAINERS, "d", status("d"));
        Registration<NodeStatus> registration = registered("p");
        NodeView<NodeStatus> pumps = filled(registry.view(PUMPS));
        NodeView<NodeStatus> drainers = filled(registry.view(DRAINERS));
        assertThat(pumps.staleSince()).isEmpty();
        assertThat(pumps.get("p")).isNotNull();
        assertThat(drainers.get("d")).isNotNull();
        writing.updateNode(DRAINERS, "e", status("e"));
        eventually(() -> assertThat(drainers.get("e")).isNotNull());
        assertThat(counting.watched).containsExactly(ROOT);
        close(registration);
        writing.updateNode(PUMPS, "q", status("q"));
        eventually(() -> assertThat(pumps.get("q")).isNotNull());
        pumps.close();
        drainers.close();
        eventually(() -> assertThat(counting.running).isEmpty());
    }

    @Test
    void watchThatHasEndedWithItsLastFollowerBeginsAgainWithTheNext() throws InterruptedException {
        for (int round = 0; round < 3; round++) {
            NodeView<NodeStatus> view = filled(registry.view(PUMPS));
            writing.updateNode(PUMPS, "p" + round, status("p" + round));
            String last = "p" + round;
            eventually(() -> assertThat(view.get(last)).isNotNull());
            view.close();
            assertThat(counting.running).isEmpty();
            Registration<NodeStatus> registration = registered("r" + round);
            close(registration);
            eventually(() -> assertThat(counting.running).isEmpty());
        }
        assertThat(counting.watched).hasSize(6);
    }

    @Test
    void viewThatComesLaterReadsItsKindAlone() throws InterruptedException {
        writing.updateNode(PUMPS, "p", status("p"));
        for (int i = 0; i < 50; i++) {
            writing.updateNode(DRAINERS, "d" + i, status("d" + i));
        }
        filled(registry.view(DRAINERS));
        NodeView<NodeStatus> pumps = filled(registry.view(PUMPS));
        assertThat(pumps.nodes()).hasSize(1);
        assertThat(counting.listed).containsExactly(key("pumps/p"));
    }

    @Test
    void revisionFromElsewhereIsAwaitedByAListOfTheKind() throws InterruptedException {
        registered("p");
        writing.updateNode(DRAINERS, "d", status("d"));
        NodeView<NodeStatus> view = filled(registry.view(PUMPS));
        counting.listed.clear();
        long elsewhere =
                Futures.await(handle.put(Key.of("/elsewhere"), bytes("x"))).revision();
        CompletableFuture<Void> reached = view.awaitRevision(elsewhere);
        eventually(() -> assertThat(reached).isCompleted());
        assertThat(view.revision()).isGreaterThanOrEqualTo(elsewhere);
        assertThat(counting.listed)
                .containsExactlyInAnyOrder(
                        key("pumps/p"), key(".rollcall/alive/pumps/p"), key(".rollcall/kept/pumps/p"));
    }

    /** A store that is written elsewhere between any two reads, so that no two lists are of one revision. */
    private static final class Busy extends CountingBackend {
        final List<Directory> lists = new CopyOnWriteArrayList<>();
        private final KvBackend real;

        Busy(KvBackend real) {
            super(real);
            this.real = real;
        }

        @Override
        public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
            lists.add(directory);
            return real.put(Key.of("/elsewhere"), bytes("x"))
                    .thenCompose(written -> super.list(directory, consistency));
        }
    }

    @Test
    void listsOfSeveralRevisionsThatBringNothingNewReachWhatIsAwaited() throws InterruptedException {
        Busy busy = new Busy(handle);
        NodeView<NodeStatus> view = filled(registry(busy).view(PUMPS));
        long written = writing.updateNode(PUMPS, "p", status("p"));
        eventually(() -> assertThat(view.get("p")).isNotNull());
        long elsewhere =
                Futures.await(handle.put(Key.of("/elsewhere"), bytes("x"))).revision();
        CompletableFuture<Void> reached = view.awaitRevision(elsewhere);
        eventually(() -> assertThat(reached).isCompleted());
        assertThat(busy.lists).isNotEmpty().doesNotContain(ROOT);
        // It is a state that the store had then.
        assertThat(view.revision()).isEqualTo(written);
    }

    @Test
    void viewThatComesLaterIsACutAlsoOfABusyStore() throws InterruptedException {
        writing.updateNode(PUMPS, "p", status("p"));
        Busy busy = new Busy(handle);
        NodeRegistry<NodeStatus> sharing = registry(busy);
        filled(sharing.view(DRAINERS));
        NodeView<NodeStatus> view = filled(sharing.view(PUMPS));
        assertThat(view.get("p")).isNotNull();
        assertThat(view.staleSince()).isEmpty();
        assertThat(busy.lists).endsWith(ROOT);
    }

    /** Keeps the answers to lists until it is told to give them. */
    private static final class Late extends ForwardingBackend {
        final CompletableFuture<Void> gate = new CompletableFuture<>();
        final AtomicInteger lists = new AtomicInteger();

        Late(KvBackend real) {
            super(real);
        }

        @Override
        public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
            lists.incrementAndGet();
            return super.list(directory, consistency).thenCombine(gate, (snapshot, open) -> snapshot);
        }
    }

    @Test
    void whatIsWrittenWhileAViewReadsItsStateIsNotMissed() throws InterruptedException {
        writing.updateNode(PUMPS, "old", status("old"));
        writing.updateNode(PUMPS, "gone", status("gone"));
        Late late = new Late(handle);
        NodeRegistry<NodeStatus> sharing = registry(late);
        NodeView<NodeStatus> first = filled(sharing.view(PUMPS));
        NodeView<NodeStatus> view = sharing.view(PUMPS);
        // At once, or by the thread that is just telling the first view something.
        eventually(() -> assertThat(late.lists).hasValue(3));
        writing.updateNode(PUMPS, "old", status("old").withScore(7));
        writing.removeNode(PUMPS, "gone");
        long last = writing.updateNode(PUMPS, "new", status("new"));
        eventually(() -> assertThat(first.revision()).isEqualTo(last));
        assertThat(view.ready()).isNotDone();
        assertThat(view.staleSince()).isPresent();
        late.gate.complete(null);
        filled(view);
        assertThat(view.staleSince()).isEmpty();
        // It is ready with what it has read, and what was told meanwhile follows.
        eventually(() -> assertThat(view.revision()).isEqualTo(last));
        assertThat(view.nodes()).extracting(Node::nodeId).containsExactlyInAnyOrder("old", "new");
        assertThat(view.get("old")).isNotNull().matches(node -> node.value().score() == 7);
    }

    /** Refuses watches, or lists, while it is told to. */
    private static final class Refusing extends CountingBackend {
        volatile boolean watches;
        volatile boolean lists;

        Refusing(KvBackend real) {
            super(real);
        }

        private static AccessDeniedException denied(String operation) {
            return new AccessDeniedException(new KvException.Context("x", operation, null), "on purpose", null);
        }

        @Override
        public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
            return lists ? CompletableFuture.failedFuture(denied("list")) : super.list(directory, consistency);
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            if (watches) {
                listener.onEnd(denied("watch"));
                return new StillWatch(directory);
            }
            return super.watch(directory, start, listener);
        }
    }

    private record StillWatch(Directory directory) implements Watch {
        @Override
        public void close() {}
    }

    @Test
    void viewThatCannotReadItsStateSaysWhyAndGoesOnTrying() throws InterruptedException {
        writing.updateNode(PUMPS, "p", status("p"));
        Refusing refusing = new Refusing(handle);
        NodeRegistry<NodeStatus> sharing = registry(refusing);
        filled(sharing.view(DRAINERS));
        refusing.lists = true;
        NodeView<NodeStatus> view = sharing.view(PUMPS);
        eventually(() -> assertThat(view.lastFailure()).containsInstanceOf(AccessDeniedException.class));
        assertThat(view.staleSince()).isPresent();
        refusing.lists = false;
        filled(view);
        assertThat(view.staleSince()).isEmpty();
        assertThat(view.get("p")).isNotNull();
    }

    @Test
    void viewThatComesWhileTheWatchIsRefusedSaysWhyAtOnceAndRegistrationsAreWritten() {
        Refusing refusing = new Refusing(handle);
        refusing.watches = true;
        NodeRegistry<NodeStatus> sharing = registry(refusing);
        NodeView<NodeStatus> first = sharing.view(PUMPS);
        assertThat(first.lastFailure()).containsInstanceOf(AccessDeniedException.class);
        NodeView<NodeStatus> second = sharing.view(DRAINERS);
        assertThat(second.lastFailure()).containsInstanceOf(AccessDeniedException.class);
        Registration<NodeStatus> registration = sharing.register(PUMPS, "p", status("p"), PERSISTENT);
        eventually(() -> assertThat(registration.registered()).isCompleted());
        assertThat(first.staleSince()).isPresent();
        refusing.watches = false;
        eventually(() -> assertThat(first.get("p")).isNotNull());
        eventually(() -> assertThat(second.staleSince()).isEmpty());
        assertThat(refusing.running).hasSize(1);
    }

    /** What a view is told; the first snapshot is more than it can take. */
    private static final class Overwhelmed implements ViewWatch.Listener {
        final List<KvException> interruptions = new CopyOnWriteArrayList<>();
        final CompletableFuture<Snapshot> filled = new CompletableFuture<>();

        @Override
        public void onSignal(WatchSignal signal) {
            throw new OutOfMemoryError("on purpose");
        }

        @Override
        public void onFilled(Snapshot state) {
            filled.complete(state);
        }

        @Override
        public void onRewound() {}

        @Override
        public void onInterrupted(KvException cause) {
            interruptions.add(cause);
        }

        @Override
        public void onUnfilled(KvException cause) {}

        @Override
        public void onEnd(KvException cause) {}
    }

    @Test
    void viewThatHasLostASignalSaysSoAndIsFilledAnew() throws InterruptedException {
        writing.updateNode(PUMPS, "p", status("p"));
        NodeKeys keys = new NodeKeys(ROOT, NodeLayout.TIDB_BINLOG);
        Overwhelmed listener = new Overwhelmed();
        try (RegistryContext registryContext = new RegistryContext(handle, keys, store.time(), Duration.ofSeconds(5));
                ViewWatch watch = new ViewWatch(
                        registryContext, PUMPS, new KindReads(handle, keys, PUMPS), key -> true, listener)) {
            watch.start();
            eventually(() -> assertThat(listener.filled).isCompleted());
            assertThat(listener.filled.join().entries()).hasSize(1);
            assertThat(listener.interruptions)
                    .singleElement()
                    .satisfies(cause -> assertThat(cause).hasMessageContaining("on purpose"));
        }
    }
}
