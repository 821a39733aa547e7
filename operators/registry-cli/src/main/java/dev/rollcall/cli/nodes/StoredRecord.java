package dev.rollcall.cli.nodes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.rollcall.cli.support.Json;
import dev.rollcall.kv.Bytes;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node's record as it is in the store.
 *
 * @param json the record, on one line
 * @param status what TiDB's format makes of it; null if it is of an application's own format, a JSON object without its fields
 */
record StoredRecord(String json, @Nullable NodeStatus status) {
    /** The fields that records of TiDB always have, and others hardly. */
    private static final List<String> OF_TIDB = List.of("nodeId", "isAlive", "maxCommitTS", "updateTS");

    /** Reads both formats. An application's own says nothing of alive and usable: that it is there is all that is known. */
    static final NodeCodec<StoredRecord> CODEC = new NodeCodec<>() {
        @Override
        public Bytes encode(StoredRecord value) {
            throw new UnsupportedOperationException("What is only shown is not written.");
        }

        @Override
        public @Nullable StoredRecord decode(Bytes bytes) {
            String own = own(bytes);
            if (own != null) {
                return new StoredRecord(own, null);
            }
            NodeStatus status = NodeCodec.tidbBinlog().decode(bytes);
            return status == null ? null : of(status, bytes);
        }

        @Override
        public boolean isAlive(StoredRecord value) {
            return value.status == null || NodeCodec.tidbBinlog().isAlive(value.status);
        }

        @Override
        public boolean isUsable(StoredRecord value) {
            return value.status == null || NodeCodec.tidbBinlog().isUsable(value.status);
        }
    };

    /** A record of TiDB's format. */
    static StoredRecord of(NodeStatus status) {
        return of(status, NodeCodec.tidbBinlog().encode(status));
    }

    private static StoredRecord of(NodeStatus status, Bytes bytes) {
        String text = bytes.utf8();
        return new StoredRecord(
                isOneLine(text) ? text : NodeCodec.tidbBinlog().encode(status).utf8(), status);
    }

    private static boolean isOneLine(String text) {
        return text.indexOf('\n') < 0 && text.indexOf('\r') < 0;
    }

    /** The record on one line if it is a JSON object of another format than TiDB's, else null. */
    private static @Nullable String own(Bytes bytes) {
        try {
            String text = bytes.utf8();
            JsonNode tree = Json.read(text);
            if (tree == null || !tree.isObject() || OF_TIDB.stream().anyMatch(tree::has)) {
                return null;
            }
            return isOneLine(text) ? text : tree.toString();
        } catch (JsonProcessingException e) {
            // TiDB's format says what is wrong with it.
            return null;
        }
    }
}
