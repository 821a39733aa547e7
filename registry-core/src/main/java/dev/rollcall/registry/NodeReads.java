package dev.rollcall.registry;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Reads records, claims and marks without a view. The three entries of a node need three reads, so each method says how it makes one cut of them.
 */
final class NodeReads<T> {
    private final KvBackend backend;
    private final NodeKeys keys;
    private final NodeReader<T> reader;

    NodeReads(KvBackend backend, NodeKeys keys, NodeReader<T> reader) {
        this.backend = backend;
        this.keys = keys;
        this.reader = reader;
    }

    /**
     * The entries of one node, all at one moment.
     *
     * @param record what is at the record's key, or null if nothing is
     */
    record Found<T>(
            @Nullable Decoded<T> record,
            boolean claimed,
            @Nullable KeyValue marked) {
        /** The revision of the mark, or 0 if there is none. */
        long mark() {
            return marked == null ? 0 : marked.revision();
        }

        Bytes markValue() {
            return marked == null ? Bytes.EMPTY : marked.value();
        }

        /** The node or null if there is none. */
        @Nullable
        Node<T> node(BlockingCalls.Call call) {
            if (record == null) {
                return null;
            }
            if (record.event() instanceof NodeEvent.Unreadable<T> unreadable) {
                throw new UnreadableNodeException(call.context(), unreadable.entry());
            }
            return record.judged(claimed, mark());
        }

        /** Whether the record is as its last owner has written it. */
        boolean isCovered() {
            return record != null && record.revision() == mark();
        }
    }

    /** All three reads are of one revision, or else the store is asked whether all that was read still holds together. */
    Found<T> one(BlockingCalls.Call call, String kind, String nodeId) throws InterruptedException {
        Key record = keys.record(kind, nodeId);
        Key claim = keys.claim(kind, nodeId);
        Key mark = keys.mark(kind, nodeId);
        while (true) {
            CompletableFuture<GetResult> recordRead = backend.get(record);
            CompletableFuture<GetResult> claimRead = backend.get(claim);
            CompletableFuture<GetResult> markRead = backend.get(mark);
            GetResult present = call.read(recordRead);
            GetResult held = call.read(claimRead);
            GetResult marked = call.read(markRead);
            boolean together = present.revision() == held.revision() && present.revision() == marked.revision();
            if (together || stillHold(call, List.of(present, held, marked))) {
                return found(kind, present.entryOrNull(), held.entryOrNull() != null, marked.entryOrNull());
            }
            call.checkDeadline();
        }
    }

    private boolean stillHold(BlockingCalls.Call call, List<GetResult> reads) throws InterruptedException {
        Txn.Builder test = Txn.builder();
        for (GetResult read : reads) {
            KeyValue entry = read.entryOrNull();
            if (entry == null) {
                test.ifAbsent(read.key());
            } else {
                test.ifRevision(read.key(), entry.revision());
            }
        }
        try {
            call.read(backend.commit(test.build()));
            return true;
        } catch (ConditionFailedException e) {
            return false;
        }
    }

    private Found<T> found(String kind, @Nullable KeyValue entry, boolean claimed, @Nullable KeyValue marked) {
        return new Found<>(entry == null ? null : reader.read(kind, entry.key().name(), entry), claimed, marked);
    }

    /** Where one directory has all of a kind, one list tells all. */
    private NodeSet<T> cut(BlockingCalls.Call call, String kind) throws InterruptedException {
        Snapshot all = call.read(backend.list(keys.scope(kind)));
        ViewReducer<T> reducer = new ViewReducer<>(keys, kind, reader);
        return reducer.apply(NodeSet.empty(), reducer.prepare(all, NodeSet.empty()), true);
    }

    /**
     * The records are one snapshot. Claims and marks are at least from before it, and hold for a record that was not written since; those few that
     * were are read one by one.
     */
    NodeSet<T> all(BlockingCalls.Call call, String kind) throws InterruptedException {
        if (keys.parts(kind).size() == 1) {
            return cut(call, kind);
        }
        Directory directory = keys.records(kind);
        CompletableFuture<Snapshot> claimsRead = backend.list(keys.claims(kind));
        CompletableFuture<Snapshot> marksRead = backend.list(keys.marks(kind));
        CompletableFuture<Snapshot> recordsRead = backend.list(directory);
        Snapshot claims = call.read(claimsRead);
        Snapshot marks = call.read(marksRead);
        Snapshot records = call.read(recordsRead);
        if (records.revision() < Math.max(claims.revision(), marks.revision())) {
            records = call.read(backend.list(directory));
        }
        long beside = Math.min(claims.revision(), marks.revision());
        Set<String> claimed = new HashSet<>();
        for (KeyValue entry : claims.entries()) {
            claimed.add(claims.directory().relativize(entry.key()));
        }
        Map<String, Long> marked = new HashMap<>();
        for (KeyValue entry : marks.entries()) {
            marked.put(marks.directory().relativize(entry.key()), entry.revision());
        }
        List<Node<T>> nodes = new ArrayList<>(records.size());
        List<UnreadableEntry> unreadable = new ArrayList<>();
        for (KeyValue entry : records.entries()) {
            String nodeId = directory.relativize(entry.key());
            Decoded<T> decoded = reader.read(kind, nodeId, entry);
            if (decoded.event() instanceof NodeEvent.Unreadable<T> bad) {
                unreadable.add(bad.entry());
                continue;
            }
            boolean isClaimed = claimed.contains(nodeId);
            long mark = marked.getOrDefault(nodeId, 0L);
            if (entry.revision() > beside) {
                // Written while we read, perhaps together with a claim or a mark that we have not seen.
                Found<T> again = one(call, kind, nodeId);
                isClaimed = again.claimed();
                // If it was written yet again, together with its mark, then by its owner.
                mark = Math.min(again.mark(), entry.revision());
            }
            Node<T> node = decoded.judged(isClaimed, mark);
            if (node != null) {
                nodes.add(node);
            }
        }
        return NodeSet.of(records.revision(), nodes, unreadable);
    }
}
