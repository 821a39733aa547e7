package dev.rollcall.registry;

import static dev.rollcall.fuzz.Refusals.SECRET;
import static dev.rollcall.fuzz.Refusals.assertClause;
import static dev.rollcall.fuzz.Refusals.assertSentence;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.fuzz.FuzzTarget;
import dev.rollcall.inmemory.InMemoryStore;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Txn;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;

/** Anything at all in the record, the claim and the mark of one node, beside another node that is none the worse for it. */
class UnreadableFuzzTest extends FuzzTarget {
    private static final String PUMPS = "pumps";
    private static final NodeStatus GOOD =
            NodeStatus.builder("good", "good:8250").alive(true).build();

    private final KvBackend backend =
            InMemoryStore.builder().historyLimit(100).build().open();
    private final NodeRegistry<NodeStatus> registry = NodeRegistry.tidbBinlog(backend);
    private final NodeKeys keys = new NodeKeys(registry.root(), registry.layout());
    private final Lease lease = backend.grantLease(Duration.ofHours(1)).join();
    private final NodeView<NodeStatus> view = registry.view(PUMPS);

    UnreadableFuzzTest() throws InterruptedException {
        registry.updateNode(PUMPS, "good", GOOD);
    }

    @AfterAll
    void close() {
        registry.close();
        backend.close();
    }

    /** A byte of flags, a byte that says how long the record is, the record, and the rest for the claim and the mark. */
    @Override
    protected List<byte[]> seeds() {
        return texts(
                "\u0007\u0004nullowner#1",
                "\u0003\u0051{\"nodeId\":\"bad\",\"host\":\"h\",\"state\":\"" + SECRET
                        + "\",\"isAlive\":true,\"x\":[1,2,3]}#",
                "\u0005\u0010{\"nodeId\":" + SECRET,
                "\u0006\u0000",
                "\u0001\u0030{\"score\":\"" + SECRET + "\"}                      ");
    }

    @Override
    protected List<String> words() {
        return List.of("{\"nodeId\":\"bad\"}", "null", "#", "#1", SECRET);
    }

    @Override
    protected void check(byte[] input) throws Exception {
        int flags = input.length > 0 ? input[0] : 1;
        int length = input.length > 1 ? Math.min(input[1] & 0xFF, input.length - 2) : 0;
        Bytes record = Bytes.copyOf(input.length < 2 ? input : Arrays.copyOfRange(input, 2, 2 + length));
        Bytes rest = Bytes.copyOf(input.length < 2 ? input : Arrays.copyOfRange(input, 2 + length, input.length));
        Txn.Builder txn = Txn.builder();
        if ((flags & 1) != 0) {
            txn.put(keys.record(PUMPS, "bad"), record);
        } else {
            txn.delete(keys.record(PUMPS, "bad"));
        }
        if ((flags & 2) != 0) {
            txn.put(keys.claim(PUMPS, "bad"), rest, lease);
        } else {
            txn.delete(keys.claim(PUMPS, "bad"));
        }
        if ((flags & 4) != 0) {
            txn.put(keys.mark(PUMPS, "bad"), rest);
        } else {
            txn.delete(keys.mark(PUMPS, "bad"));
        }
        // Something in the directory has changed in any case, so that views hear of it at once.
        txn.put(keys.record(PUMPS, "good"), NodeCodec.tidbBinlog().encode(GOOD));
        long revision = backend.commit(txn.build()).join().revision();
        assertListed((flags & 1) != 0);
        assertViewed(revision);
        if ((flags & 2) != 0) {
            assertIsSomeoneElses();
        }
    }

    private void assertListed(boolean there) throws InterruptedException {
        NodeSet<NodeStatus> nodes = registry.nodes(PUMPS);
        assertThat(nodes.get("good")).extracting(Node::value).isEqualTo(GOOD);
        Optional<Node<NodeStatus>> bad = Optional.ofNullable(nodes.get("bad"));
        assertThat(nodes.size() + nodes.unreadable().size()).isEqualTo(there ? 2 : 1);
        nodes.unreadable().forEach(entry -> assertClause(entry.reason()));
        try {
            assertThat(registry.node(PUMPS, "bad")).isEqualTo(bad);
            if (bad.isPresent()) {
                Node<NodeStatus> changed =
                        registry.updateNode(PUMPS, "bad", status -> status.withUpdateTs(status.updateTs() + 1));
                assertThat(changed.value().unknown())
                        .isEqualTo(bad.get().value().unknown());
            }
        } catch (UnreadableNodeException e) {
            assertSentence(e);
            assertThat(nodes.unreadable()).containsExactly(e.entry());
        }
    }

    private void assertViewed(long revision) throws Exception {
        view.awaitRevision(revision).get(60, TimeUnit.SECONDS);
        Node<NodeStatus> good = view.get("good");
        assertThat(good).isNotNull();
        assertThat(good.isAlive()).isTrue();
        assertThat(good.value()).isEqualTo(GOOD);
    }

    private void assertIsSomeoneElses() {
        Claim ours = new Claim(
                keys.record(PUMPS, "bad"),
                keys.claim(PUMPS, "bad"),
                keys.mark(PUMPS, "bad"),
                RegistrationMode.EPHEMERAL,
                null);
        Claim.Seen seen = ours.read(backend).join();
        assertThat(ours.decide(seen, Bytes.EMPTY, lease, 0)).isInstanceOf(Claim.Step.Conflict.class);
        assertThat(ours.standing(seen)).isNull();
    }
}
