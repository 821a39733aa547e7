package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Txn;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * TiDB's own registry, in Go, beside ours. Where it cannot run, a recording of it acts: what it wrote is written byte for byte, and what it read must stand
 * there byte for byte. Where it runs, it has to do what is recorded; {@code -Dtest.go=record} records anew, into {@code src/test/resources}.
 */
final class TidbInGo implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final KvBackend store;
    private final NodeRegistry<NodeStatus> ours;
    private final @Nullable GoProgram program;
    private final Path recording;
    private final List<String> expected;
    private final List<String> done = new ArrayList<>();
    private final SortedMap<Long, NodeStatus> raised = new TreeMap<>();

    /** For the run {@code name}, on the store and below the root of {@code ours}, which TiDB calls {@code root}. */
    TidbInGo(String name, NodeRegistry<NodeStatus> ours, String address, String root) throws IOException {
        this.store = ours.backend();
        this.ours = ours;
        this.program = GoProgram.start(address, root).orElse(null);
        this.recording = Path.of("src/test/resources/tidb-binlog", name + ".jsonl");
        this.expected = isRecording() ? List.of() : Files.readAllLines(recording);
    }

    private static boolean isRecording() {
        return System.getProperty("test.go", "optional").equals("record");
    }

    void update(String kind, String status) {
        ask(
                request("update", kind).set("status", parsed(status)),
                statusIn(status).nodeId());
    }

    NodeStatus node(String kind, String nodeId) {
        return statusIn(ask(request("node", kind).put("id", nodeId), nodeId)
                .path("status")
                .toString());
    }

    List<NodeStatus> nodes(String kind) {
        List<NodeStatus> all = new ArrayList<>();
        ask(request("nodes", kind), null).path("statuses").forEach(status -> all.add(statusIn(status.toString())));
        return all;
    }

    String analyze(String key) {
        return ask(request("analyze", "").put("key", key), null).path("id").asText();
    }

    /** Reads a node and writes it with the next {@code maxCommitTS}, as often as said, from 1 on. */
    void raise(String kind, String nodeId, int times) {
        ask(request("raise", kind).put("id", nodeId).put("times", times), nodeId);
    }

    /** All that was written to a node, by revision; where TiDB's registry does not run, what it would have written. */
    SortedMap<Long, NodeStatus> history(String kind, String nodeId) {
        if (program != null) {
            program.ask(request("history", kind).put("id", nodeId))
                    .path("events")
                    .forEach(event -> raised.put(
                            event.path("revision").asLong(),
                            statusIn(event.path("value").asText())));
        }
        return raised;
    }

    /** Begins to follow a kind from now on. */
    void watch(String kind) {
        ask(request("watch", kind), null);
    }

    /** The first changes that have come since; waits for as many. */
    List<String> events(String kind, int times) {
        List<String> all = new ArrayList<>();
        ask(request("events", kind).put("times", times), null)
                .path("events")
                .forEach(event -> all.add(event.path("type").asText() + " "
                        + event.path("key").asText() + " " + event.path("value").asText()));
        return all;
    }

    private static ObjectNode request(String verb, String kind) {
        return JSON.createObjectNode().put("do", verb).put("kind", kind);
    }

    private static JsonNode parsed(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static NodeStatus statusIn(String json) {
        NodeStatus status = NodeCodec.tidbBinlog().decode(Bytes.ofUtf8(json));
        assertThat(status).as(json).isNotNull();
        return status;
    }

    /** Asks the real one, or the recording. What stands at {@code nodeId} afterwards belongs to what is recorded. */
    private JsonNode ask(ObjectNode request, @Nullable String nodeId) {
        String verb = request.path("do").asText();
        boolean races = verb.equals("raise");
        Key key = nodeId == null ? null : ours.root().key(request.path("kind").asText() + "/" + nodeId);
        JsonNode recorded = isRecording() ? request : parsed(expected.get(done.size()));
        JsonNode answer;
        if (program != null) {
            answer = program.ask(request);
        } else {
            answer = recorded.path("answer");
            if (races && key != null) {
                raise(key, request.path("times").asInt());
            } else if (verb.equals("update") && key != null) {
                if (isLeased(key)) {
                    // A put of ours would leave the lease on it.
                    commit(Txn.builder().delete(key));
                }
                commit(Txn.builder()
                        .put(key, Bytes.ofUtf8(recorded.path("holds").asText())));
            }
        }
        ObjectNode now = JSON.createObjectNode();
        now.set("ask", request);
        now.set("answer", answer);
        if (key != null && !races) {
            now.put("holds", held(key).value().utf8());
        }
        done.add(now.toString());
        if (!isRecording()) {
            assertThat(now.toString()).isEqualTo(recorded.toString());
        }
        return answer;
    }

    /** As TiDB's registry does it: whole records, on the condition that there is one. */
    private void raise(Key key, int times) {
        for (int i = 1; i <= times; i++) {
            String next = held(key).value().utf8().replaceFirst("\"maxCommitTS\":-?\\d+", "\"maxCommitTS\":" + i);
            long revision = commit(Txn.builder().ifPresent(key).put(key, Bytes.ofUtf8(next)));
            raised.put(revision, statusIn(next));
        }
    }

    private boolean isLeased(Key key) {
        return read(key).map(KeyValue::leased).orElse(false);
    }

    private KeyValue held(Key key) {
        return read(key).orElseThrow();
    }

    private Optional<KeyValue> read(Key key) {
        try {
            return Futures.await(store.get(key)).entry();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private long commit(Txn.Builder txn) {
        try {
            return Futures.await(store.commit(txn.build())).revision();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        if (program != null) {
            program.close();
        }
        if (isRecording()) {
            Files.createDirectories(recording.getParent());
            Files.write(recording, done);
        }
    }
}
