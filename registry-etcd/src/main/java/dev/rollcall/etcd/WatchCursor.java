package dev.rollcall.etcd;

import com.google.protobuf.ByteString;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.WatchResponse;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The request of one watch to etcd, and the last revision that was delivered to it. Only delivered revisions move the cursor: the revision in the reply to
 * a creation is that of the store, not that of the watch. Confined to the {@link IoLoop}.
 */
final class WatchCursor {
    /** Takes what a watch is told. Runs on the loop; must not block. */
    interface Receiver {
        /** Whole transactions, in order; {@code revision} is that of the last. */
        void changes(List<Change> changes, long revision);

        /** What follows {@code cursor} has been compacted up to {@code compacted}. The watch has been taken off its stream. */
        void compacted(long cursor, long compacted);

        /**
         * etcd has ended the watch for another reason. The watch has been taken off its stream, which was opened with {@code token} if
         * with any.
         */
        void refused(String reason, @Nullable String token);

        /** No member accepts this client. The watch has been taken off its stream. */
        void denied(Refusal refusal);

        /** The server cannot carry this watch, for this reason. The watch has been taken off its stream. */
        void unusable(String reason);

        /** What came after {@code cursor} could not be taken, which is a fault of the receiver: the watch must not go on as if it had been. */
        void crashed(long cursor, Throwable cause);
    }

    private final KeySpace keys;
    private final ByteString first;
    private final ByteString end;
    private final Receiver receiver;
    /** Events of the last revision in a piece of a message: the next piece may bring more of that revision. */
    private final List<Event> held = new ArrayList<>();

    private long cursor;

    WatchCursor(KeySpace keys, Directory directory, Receiver receiver) {
        this.keys = keys;
        this.first = keys.first(directory);
        this.end = keys.end(directory);
        this.receiver = receiver;
    }

    ByteString first() {
        return first;
    }

    ByteString end() {
        return end;
    }

    /** The last revision up to which the receiver knows everything. */
    long cursor() {
        return cursor;
    }

    /** The receiver knows everything up to {@code revision}. */
    void moveTo(long revision) {
        cursor = revision;
        held.clear();
    }

    /** A new server watch has been asked for; it begins after the cursor. */
    void begun() {
        held.clear();
    }

    /** Whether everything in a message is what the watch has asked for. */
    boolean covers(WatchResponse response) {
        for (Event event : response.getEventsList()) {
            if (!event.getKv().getKey().startsWith(first)) {
                return false;
            }
        }
        return true;
    }

    /** A message has come; {@code piece} if it is cut off and goes on in the next. */
    void told(WatchResponse response, boolean piece) {
        long before = cursor;
        try {
            take(response, piece);
        } catch (RuntimeException | Error e) {
            held.clear();
            receiver.crashed(before, e);
        }
    }

    private void take(WatchResponse response, boolean piece) {
        List<Event> events = response.getEventsList();
        if (events.isEmpty()) {
            // A progress notice: etcd sends it only to a watch that has been told everything. A watch that begins in
            // the
            // future is notified of a past that is not its own.
            if (!piece && held.isEmpty()) {
                cursor = Math.max(cursor, response.getHeader().getRevision());
            }
            return;
        }
        held.addAll(events);
        long last = revision(held.get(held.size() - 1));
        int complete = held.size();
        while (piece && complete > 0 && revision(held.get(complete - 1)) == last) {
            complete--;
        }
        if (complete > 0) {
            List<Event> whole = held.subList(0, complete);
            deliver(whole);
            whole.clear();
        }
    }

    /** etcd has ended the server watch, on a stream with this token. */
    void refused(long compactRevision, String reason, @Nullable String token) {
        held.clear();
        guarded(() -> {
            if (compactRevision != 0) {
                receiver.compacted(cursor, compactRevision);
            } else {
                receiver.refused(reason, token);
            }
        });
    }

    /** No member accepts this client. */
    void denied(Refusal refusal) {
        held.clear();
        guarded(() -> receiver.denied(refusal));
    }

    /** The server cannot carry this watch. */
    void unusable(String reason) {
        held.clear();
        guarded(() -> receiver.unusable(reason));
    }

    /** The watch is on no stream any more: a receiver that fails here would never hear of it again. */
    private void guarded(Runnable told) {
        try {
            told.run();
        } catch (RuntimeException | Error e) {
            receiver.crashed(cursor, e);
        }
    }

    private void deliver(List<Event> events) {
        long last = revision(events.get(events.size() - 1));
        List<Change> changes = new ArrayList<>(events.size());
        for (Event event : events) {
            // Some servers repeat the past after they were restored from a snapshot, or start before the future asked
            // for.
            Key key = revision(event) <= cursor ? null : keys.key(event.getKv().getKey());
            if (key != null) {
                changes.add(change(key, event));
            }
        }
        if (last > cursor) {
            cursor = last;
            if (!changes.isEmpty()) {
                receiver.changes(changes, last);
            }
        }
    }

    private static Change change(Key key, Event event) {
        return event.getType() == Event.EventType.DELETE
                ? new Change.Delete(key, revision(event))
                : new Change.Put(KeySpace.entry(key, event.getKv()));
    }

    private static long revision(Event event) {
        return event.getKv().getModRevision();
    }
}
