package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.support.ForwardingBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a view does beyond mirroring, if it is asked to. */
class ViewOptionsTest extends RegistryFixture {
    @TempDir
    Path directory;

    private final NodeRegistry<NodeStatus> registry = registry();

    private NodeView<NodeStatus> filled(ViewOptions options) {
        return filled(registry, options);
    }

    private NodeView<NodeStatus> filled(NodeRegistry<NodeStatus> from, ViewOptions options) {
        NodeView<NodeStatus> view = from.view(PUMPS, options);
        eventually(() -> assertThat(view.ready()).isCompleted());
        return view;
    }

    private static List<String> ids(NodeView<NodeStatus> view) {
        return view.nodes().sorted().stream().map(Node::nodeId).toList();
    }

    // --- Protection against an empty set

    @Test
    void suddenEmptySetIsShownOnlyAfterTheTimeAndTheViewSaysSo() throws InterruptedException {
        registry.updateNode(PUMPS, "a", status("a"));
        registry.updateNode(PUMPS, "b", status("b"));
        NodeView<NodeStatus> view =
                filled(ViewOptions.builder().protectEmpty(Duration.ofMinutes(1)).build());
        List<String> told = new CopyOnWriteArrayList<>();
        view.listen(update -> update.changes().forEach(change -> told.add(change.type() + " " + change.nodeId())));
        eventually(() -> assertThat(told).containsExactly("JOINED a", "JOINED b"));
        registry.removeNode(PUMPS, "a");
        eventually(() -> assertThat(ids(view)).containsExactly("b"));
        assertThat(view.protectedSince()).isEmpty();
        long emptied = registry.updateNode(PUMPS, "b", status("b").withState(NodeState.PAUSED));
        Futures.await(view.awaitRevision(emptied));
        assertThat(view.protectedSince()).hasValue(store.time().instant());
        // The view has to know of it, or it would show b, dead, for a moment when the time is over.
        Futures.await(
                view.awaitRevision(Futures.await(handle.delete(key("pumps/b"))).revision()));
        store.advance(Duration.ofSeconds(30));
        assertThat(view.get("b")).isNotNull().matches(Node::isAlive);
        store.advance(Duration.ofSeconds(30));
        eventually(() -> assertThat(ids(view)).isEmpty());
        assertThat(view.protectedSince()).isEmpty();
        eventually(() -> assertThat(told).endsWith("LEFT a", "LEFT b"));
    }

    @Test
    void protectionEndsAsSoonAsAnyoneIsAliveAgain() throws InterruptedException {
        registry.updateNode(PUMPS, "a", status("a"));
        NodeView<NodeStatus> view =
                filled(ViewOptions.builder().protectEmpty(Duration.ofMinutes(1)).build());
        registry.removeNode(PUMPS, "a");
        eventually(() -> assertThat(view.protectedSince()).isPresent());
        registry.updateNode(PUMPS, "b", status("b"));
        eventually(() -> assertThat(ids(view)).containsExactly("b"));
        assertThat(view.protectedSince()).isEmpty();
        store.advance(Duration.ofMinutes(2));
        assertThat(ids(view)).containsExactly("b");
    }

    @Test
    void withoutProtectionAnEmptySetIsShownAtOnce() throws InterruptedException {
        registry.updateNode(PUMPS, "a", status("a"));
        NodeView<NodeStatus> view = filled(ViewOptions.defaults());
        registry.removeNode(PUMPS, "a");
        eventually(() -> assertThat(ids(view)).isEmpty());
    }

    // --- The file

    private ViewOptions inFile(Path file) {
        return ViewOptions.builder().file(file).build();
    }

    private Path saved() throws InterruptedException {
        Path file = directory.resolve("below/pumps.view");
        registry.updateNode(PUMPS, "a", status("a"));
        registry.updateNode(PUMPS, "b", status("b").withState(NodeState.PAUSED));
        put("pumps/unreadable", "no json");
        NodeView<NodeStatus> view = filled(inFile(file));
        eventually(() -> assertThat(file).exists());
        view.close();
        return file;
    }

    private NodeRegistry<NodeStatus> away() {
        KvBackend elsewhere = store.open();
        store.cut(elsewhere);
        return registry(elsewhere);
    }

    @Test
    void stateIsThereBeforeTheStoreIs() throws InterruptedException {
        Path file = saved();
        assertThat(directory.resolve("below")).isDirectoryContaining(path -> path.equals(file));
        assertThat(directory.resolve("below").toFile().list()).hasSize(1);
        store.advance(Duration.ofMinutes(5));
        KvBackend elsewhere = store.open();
        store.cut(elsewhere);
        NodeView<NodeStatus> view = registry(elsewhere).view(PUMPS, inFile(file));
        assertThat(ids(view)).containsExactly("a", "b");
        assertThat(view.get("a")).isNotNull().matches(Node::isAlive);
        assertThat(view.get("b")).isNotNull().matches(node -> !node.isAlive());
        assertThat(view.restoredFrom())
                .hasValueSatisfying(at -> assertThat(at).isBefore(store.time().instant()));
        assertThat(view.revision()).isZero();
        assertThat(view.staleSince()).isPresent();
        assertThat(view.ready()).isNotDone();
        List<String> told = new CopyOnWriteArrayList<>();
        view.listen(update -> update.changes().forEach(change -> told.add(change.type() + " " + change.nodeId())));
        eventuallyInRealTime(() -> assertThat(told).containsExactly("JOINED a", "JOINED b"));
        registry.removeNode(PUMPS, "b");
        store.heal(elsewhere);
        eventually(() -> assertThat(ids(view)).containsExactly("a"));
        assertThat(view.restoredFrom()).isEmpty();
        assertThat(view.revision()).isPositive();
        eventually(() -> assertThat(told).endsWith("CHANGED a", "LEFT b"));
    }

    @Test
    void lastStateIsWrittenOnClosing() throws InterruptedException {
        Path file = directory.resolve("pumps.view");
        NodeView<NodeStatus> view = filled(inFile(file));
        registry.updateNode(PUMPS, "late", status("late"));
        eventuallyInRealTime(() -> assertThat(ids(view)).containsExactly("late"));
        view.close();
        eventuallyInRealTime(
                () -> assertThat(ids(away().view(PUMPS, inFile(file)))).containsExactly("late"));
    }

    /** A view shows a state before it tells the file of it, and may be closed in between. */
    @Test
    void stateThatTheFileWasNotToldOfIsWrittenOnClosing() {
        Path path = directory.resolve("pumps.view");
        NodeKeys keys = new NodeKeys(ROOT, NodeLayout.TIDB_BINLOG);
        NodeSet<NodeStatus> shown = new NodeSet<>(7, 1, PersistentMap.empty(), PersistentMap.empty(), 0, 0);
        try (RegistryContext context = new RegistryContext(handle, keys, store.time(), Duration.ofSeconds(5))) {
            NodeReader<NodeStatus> reader = new NodeReader<>(NodeCodec.tidbBinlog());
            ViewFile<NodeStatus> unfilled = new ViewFile<>(context, PUMPS, reader, path, NodeSet::empty);
            assertThat(unfilled.close()).succeedsWithin(Duration.ofSeconds(90));
            assertThat(path).doesNotExist();
            ViewFile<NodeStatus> untold = new ViewFile<>(context, PUMPS, reader, path, () -> shown);
            assertThat(untold.close()).succeedsWithin(Duration.ofSeconds(90));
            assertThat(path).exists();
        }
    }

    @Test
    void damagedFileIsLeftUnread() throws InterruptedException, IOException {
        Path file = saved();
        byte[] good = Files.readAllBytes(file);
        for (int at = 0; at < good.length; at += 3) {
            byte[] bad = good.clone();
            bad[at] ^= 1;
            Files.write(file, bad);
            NodeView<NodeStatus> view = away().view(PUMPS, inFile(file));
            assertThat(ids(view)).as("with byte %d wrong", at).isEmpty();
            assertThat(view.restoredFrom()).isEmpty();
        }
        for (int length = 0; length < good.length; length += 7) {
            Files.write(file, Arrays.copyOf(good, length));
            assertThat(ids(away().view(PUMPS, inFile(file)))).isEmpty();
        }
        Files.write(file, good);
        assertThat(ids(away().view(PUMPS, inFile(file)))).containsExactly("a", "b");
        assertThat(idsOfDrainers(away(), file)).isEmpty();
        registry.updateNode(PUMPS, "c", status("c"));
        Files.write(file, new byte[5]);
        NodeView<NodeStatus> view = filled(inFile(file));
        assertThat(ids(view)).containsExactly("a", "b", "c");
    }

    /** The file of one kind, used for another. */
    private List<String> idsOfDrainers(NodeRegistry<NodeStatus> from, Path file) {
        return ids(from.view(NodeKinds.DRAINERS, inFile(file)));
    }

    @Test
    void fileThatCannotBeWrittenIsNoDisaster() throws InterruptedException, IOException {
        Path file = Files.createFile(directory.resolve("file")).resolve("pumps.view");
        registry.updateNode(PUMPS, "a", status("a"));
        NodeView<NodeStatus> view = filled(inFile(file));
        store.advance(Duration.ofSeconds(5));
        assertThat(ids(view)).containsExactly("a");
        view.close();
    }

    // --- The audit

    private static ViewOptions audited(List<ViewAudit> audits) {
        return ViewOptions.builder().audit(Duration.ofMinutes(1), audits::add).build();
    }

    @Test
    void auditOfARightViewFindsNothing() throws InterruptedException {
        registry.updateNode(PUMPS, "a", status("a"));
        List<ViewAudit> audits = new CopyOnWriteArrayList<>();
        filled(audited(audits));
        store.advance(Duration.ofMinutes(1));
        eventuallyInRealTime(() -> assertThat(audits).hasSize(1));
        put("drainers/elsewhere", "{}");
        // The next is put off by a minute only after this one has been told, and is looked at twice if the view is
        // behind.
        eventuallyInRealTime(() -> {
            store.advance(Duration.ofMinutes(1));
            assertThat(audits).hasSizeGreaterThan(1);
        });
        assertThat(audits).allSatisfy(audit -> assertThat(audit.differences()).isEmpty());
    }

    @Test
    void auditFindsWhatIsWrong() throws InterruptedException {
        registry.updateNode(PUMPS, "a", status("a"));
        registry.updateNode(PUMPS, "b", status("b"));
        registry.updateNode(PUMPS, "c", status("c"));
        // A store whose lists and watches disagree: the lists lack one node, and have another newer one than the watch
        // has told.
        NodeRegistry<NodeStatus> crooked = registry(new ForwardingBackend(handle) {
            @Override
            public CompletableFuture<Snapshot> list(Directory of, ReadConsistency consistency) {
                return super.list(of, consistency)
                        .thenApply(right -> new Snapshot(
                                right.directory(),
                                right.entries().stream()
                                        .filter(entry -> !entry.key().name().equals("a"))
                                        .map(entry -> entry.key().name().equals("b")
                                                ? new KeyValue(entry.key(), entry.value(), 3, false)
                                                : entry)
                                        .toList(),
                                right.revision()));
            }
        });
        List<ViewAudit> audits = new CopyOnWriteArrayList<>();
        filled(crooked, audited(audits));
        store.advance(Duration.ofMinutes(1));
        eventuallyInRealTime(() -> assertThat(audits).hasSize(1));
        assertThat(audits.get(0).differences())
                .extracting(ViewAudit.Difference::nodeId)
                .containsExactly("a", "b");
        assertThat(audits.get(0).differences().get(0).detail())
                .isEqualTo("the view has its record at revision 1, the store has no record");
    }

    @Test
    void auditLooksTwiceWhereTheStoreIsFurtherThanTheView() throws InterruptedException {
        registry.updateNode(PUMPS, "a", status("a"));
        CompletableFuture<Void> gone = new CompletableFuture<>();
        NodeRegistry<NodeStatus> ahead = registry(new ForwardingBackend(handle) {
            @Override
            public CompletableFuture<Snapshot> list(Directory of, ReadConsistency consistency) {
                return super.list(of, consistency)
                        .thenApply(right -> gone.isDone()
                                ? right
                                : new Snapshot(right.directory(), List.of(), right.revision() + 1));
            }
        });
        List<ViewAudit> audits = new CopyOnWriteArrayList<>();
        filled(ahead, audited(audits));
        store.advance(Duration.ofMinutes(1));
        store.advance(Duration.ofSeconds(1));
        assertThat(audits).isEmpty();
        gone.complete(null);
        eventually(() -> assertThat(audits).hasSize(1));
        assertThat(audits.get(0).differences()).isEmpty();
    }

    // --- Bad input

    @Test
    void optionsThatMakeNoSenseAreRefused() {
        ViewOptions.Builder builder = ViewOptions.builder();
        assertThatThrownBy(() -> builder.protectEmpty(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("protection");
        assertThatThrownBy(() -> builder.audit(Duration.ofDays(1_000), audit -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("audits");
    }

    @Test
    void viewThatIsClosedWhileAwaitedFailsWhoWaits() {
        NodeView<NodeStatus> view = filled(ViewOptions.defaults());
        CompletableFuture<Void> never = view.awaitRevision(1_000_000);
        view.close();
        assertThat(never)
                .failsWithin(Duration.ofSeconds(90))
                .withThrowableThat()
                .withCauseInstanceOf(KvException.class)
                .withMessageContaining("the view was closed");
    }

    @Test
    void readinessOfAViewThatIsClosedFirstFailsWithTheCauseItself() {
        KvBackend elsewhere = store.open();
        store.cut(elsewhere);
        NodeView<NodeStatus> view = registry(elsewhere).view(PUMPS);
        CompletableFuture<Throwable> seen = view.ready().handle((nothing, failure) -> failure);
        view.close();
        assertThat(seen).succeedsWithin(Duration.ofSeconds(90)).isInstanceOf(KvException.class);
    }

    @Test
    void selectorOnAnEmptyViewPicksNobodyAndOnAFilledOnePicks() throws InterruptedException {
        NodeView<NodeStatus> view = filled(ViewOptions.defaults());
        assertThat(Selector.<NodeStatus>rendezvousHash().select(view, "key")).isEmpty();
        assertThat(Selector.score().select(view)).isEmpty();
        registry.updateNode(PUMPS, "a", status("a"));
        eventually(() -> assertThat(Selector.<NodeStatus>roundRobin()
                        .filter(NodeFilters.alive())
                        .select(view))
                .map(Node::nodeId)
                .hasValue("a"));
    }

    private static void eventuallyInRealTime(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(90)).untilAsserted(assertion);
    }
}
