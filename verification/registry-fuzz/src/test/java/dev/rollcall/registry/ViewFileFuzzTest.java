package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.fuzz.FuzzTarget;
import dev.rollcall.inmemory.InMemoryStore;
import dev.rollcall.inmemory.ManualTime;
import dev.rollcall.kv.KvBackend;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What is in the file of a view: the whole of it, or what its checksum covers. */
class ViewFileFuzzTest extends FuzzTarget {
    private static final byte[] MAGIC = "ROLLVIEW".getBytes(StandardCharsets.US_ASCII);
    private static final String GOOD = "{\"nodeId\":\"p\",\"host\":\"h\",\"state\":\"online\",\"isAlive\":true}";

    private final ManualTime time = new ManualTime();
    private final KvBackend backend = InMemoryStore.builder().time(time).build().open();
    private final NodeKeys keys = new NodeKeys(NodeRegistry.tidbBinlog(backend).root(), NodeLayout.TIDB_BINLOG);
    private final RegistryContext registryContext = new RegistryContext(backend, keys, time, Duration.ofSeconds(5));
    private final NodeReader<NodeStatus> reader = new NodeReader<>(NodeCodec.tidbBinlog());
    private final Path file;

    ViewFileFuzzTest() throws IOException {
        file = Files.createTempFile("view", ".bin");
    }

    @AfterAll
    void close() throws IOException {
        registryContext.close();
        backend.close();
        Files.delete(file);
    }

    /** A byte that says whether the rest lacks its head, and the rest. */
    @Override
    protected List<byte[]> seeds() {
        byte[] one = payload("/tidb-binlog/v1", "pumps", 1, "p");
        byte[] two = payload("/tidb-binlog/v1", "pumps", 2, "p", "q");
        byte[] whole = withHead(one);
        return List.of(
                prefixed(1, one),
                prefixed(1, two),
                prefixed(1, payload("/tidb-binlog/v1", "drainers", 0)),
                prefixed(1, payload("/elsewhere", "pumps", 0)),
                prefixed(1, payload("/tidb-binlog/v1", "pumps", Integer.MAX_VALUE, "p")),
                prefixed(1, payload("/tidb-binlog/v1", "pumps", 2, "p", "p")),
                prefixed(1, payload("/tidb-binlog/v1", "pumps", 1, "a/b")),
                prefixed(0, whole),
                prefixed(0, MAGIC));
    }

    @Override
    protected void check(byte[] input) throws Exception {
        byte[] rest = input.length == 0 ? input : Arrays.copyOfRange(input, 1, input.length);
        Files.write(file, input.length > 0 && (input[0] & 1) == 1 ? withHead(rest) : rest);
        ViewFile.Restored<NodeStatus> restored = viewFile(NodeSet.empty()).load();
        if (restored == null) {
            return;
        }
        NodeSet<NodeStatus> cut = restored.cut();
        assertThat(cut.sorted()).hasSize(cut.size());
        assertThat(cut.sorted().stream().filter(Node::isAlive)).hasSize(cut.alive());
        for (Node<NodeStatus> node : cut.sorted()) {
            assertThat(keys.record("pumps", node.nodeId()).name()).isEqualTo(node.nodeId());
            assertThat(cut.get(node.nodeId())).isEqualTo(node);
        }
        ViewFile<NodeStatus> writing = viewFile(cut);
        writing.changed();
        writing.close().join();
        ViewFile.Restored<NodeStatus> again = viewFile(NodeSet.empty()).load();
        assertThat(again).isNotNull();
        assertThat(again.cut().sorted()).isEqualTo(cut.sorted());
    }

    @Test
    void fileThatHasANodeTwiceIsNotUsed() throws IOException {
        Files.write(file, withHead(payload("/tidb-binlog/v1", "pumps", 2, "p", "q")));
        assertThat(viewFile(NodeSet.empty()).load()).isNotNull();
        Files.write(file, withHead(payload("/tidb-binlog/v1", "pumps", 2, "p", "p")));
        assertThat(viewFile(NodeSet.empty()).load()).isNull();
    }

    private ViewFile<NodeStatus> viewFile(NodeSet<NodeStatus> present) {
        return new ViewFile<>(registryContext, "pumps", reader, file, () -> present);
    }

    private static byte[] prefixed(int flag, byte[] bytes) {
        return ByteBuffer.allocate(bytes.length + 1).put((byte) flag).put(bytes).array();
    }

    private static byte[] withHead(byte[] payload) {
        CRC32 crc = new CRC32();
        crc.update(payload);
        return ByteBuffer.allocate(MAGIC.length + 12 + payload.length)
                .put(MAGIC)
                .putInt(2)
                .putLong(crc.getValue())
                .put(payload)
                .array();
    }

    private static byte[] payload(String root, String kind, int count, String... ids) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        try {
            out.writeUTF(root);
            out.writeUTF(kind);
            out.writeLong(7);
            out.writeLong(1_000);
            out.writeInt(count);
            for (String id : ids) {
                byte[] record = GOOD.replace("\"p\"", "\"" + id + "\"").getBytes(StandardCharsets.UTF_8);
                out.writeUTF(id);
                out.writeLong(5);
                out.writeByte(3);
                out.writeLong(5);
                out.writeInt(record.length);
                out.write(record);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
