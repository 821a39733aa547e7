package dev.rollcall.cli.demo;

import dev.rollcall.cli.support.FileProblem;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Key;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeFormatException;
import dev.rollcall.registry.NodeKinds;
import dev.rollcall.registry.NodeStatus;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The nodes of the demo: TiDB Binlog's JSON, one status a line. */
final class DemoInput {
    private static final String BUNDLED = "nodes.jsonl";

    /** Of what a registration writes, the claim has the longest key. */
    private static final String LONGEST_DIRECTORY = "/tidb-binlog/v1/.rollcall/alive/drainers/";

    private DemoInput() {}

    /** A status and the kind it belongs to. */
    record Line(String kind, NodeStatus status) {}

    /**
     * Reads a file, or the bundled one.
     *
     * @param count how many nodes to give: the first ones, or all and then copies with numbered ids; null for all
     * @throws IllegalArgumentException if the file cannot be read, or a line is not a status; the message names the line
     */
    static List<Line> read(@Nullable Path file, @Nullable Integer count) {
        String name = file == null ? "the bundled " + BUNDLED : "'" + file + "'";
        List<Line> lines = new ArrayList<>();
        try (BufferedReader reader = open(file)) {
            Map<String, Integer> seen = new HashMap<>();
            int number = 0;
            for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                number++;
                NodeStatus status = parse(text, name, number);
                if (status == null) {
                    continue;
                }
                Line line = new Line(kindOf(status), status);
                Integer before = seen.put(line.kind() + "/" + status.nodeId(), number);
                if (before != null) {
                    throw new IllegalArgumentException("Line " + number + " of " + name + " has the node id '"
                            + status.nodeId() + "' of line " + before + " again.");
                }
                lines.add(line);
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("The input " + name + " cannot be read: " + FileProblem.of(e) + ".", e);
        }
        if (lines.isEmpty()) {
            throw new IllegalArgumentException("The input " + name + " has no node status.");
        }
        return count == null ? lines : resize(lines, count);
    }

    private static BufferedReader open(@Nullable Path file) throws IOException {
        InputStream in = file == null
                ? Objects.requireNonNull(DemoInput.class.getResourceAsStream(BUNDLED), BUNDLED)
                : Files.newInputStream(file);
        return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }

    /** The status on a line, or null for a line that has none: empty, or the {@code null} that Go writes for a nil pointer. */
    private static @Nullable NodeStatus parse(String text, String name, int number) {
        if (text.isBlank()) {
            return null;
        }
        try {
            NodeStatus status = NodeCodec.tidbBinlog().decode(Bytes.ofUtf8(text));
            if (status != null && status.nodeId().isEmpty()) {
                throw new IllegalArgumentException("Line " + number + " of " + name + " has no nodeId.");
            }
            if (status != null) {
                checkId(status.nodeId(), "Line " + number + " of " + name);
            }
            return status;
        } catch (NodeFormatException e) {
            throw new IllegalArgumentException(
                    "Line " + number + " of " + name + " is not a node status: " + e.getMessage(), e);
        }
    }

    /** A node that cannot be registered is found here and not in the middle of the story. */
    private static void checkId(String nodeId, String where) {
        if (nodeId.indexOf('/') >= 0) {
            throw new IllegalArgumentException(where + " has the node id '" + nodeId + "', but '/' separates keys.");
        }
        try {
            Key.of(LONGEST_DIRECTORY + nodeId);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(where + " has a node id that makes no key: " + e.getMessage(), e);
        }
    }

    /** TiDB's default ports tell pumps from drainers. */
    private static String kindOf(NodeStatus status) {
        boolean drainer = status.host().endsWith(":8249") || status.nodeId().endsWith(":8249");
        return drainer ? NodeKinds.DRAINERS : NodeKinds.PUMPS;
    }

    private static List<Line> resize(List<Line> lines, int count) {
        List<Line> resized = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Line line = lines.get(i % lines.size());
            int copy = i / lines.size();
            NodeStatus status = line.status();
            resized.add(
                    copy == 0
                            ? line
                            : new Line(
                                    line.kind(),
                                    status.toBuilder()
                                            .nodeId(status.nodeId() + "-copy-" + copy)
                                            .build()));
        }
        return resized;
    }
}
