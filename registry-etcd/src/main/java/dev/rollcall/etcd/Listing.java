package dev.rollcall.etcd;

import com.google.protobuf.ByteString;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.support.PendingCall;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * One reading of a directory: page after page at the revision of the first, begun again if that has been compacted meanwhile. Pages are
 * sized by what the last one weighed, so that large entries do not make a reply too large. Few pages are better than many, since etcd counts all
 * the keys that follow for each of them. Confined to the {@link IoLoop}.
 */
final class Listing {
    /** What a page should weigh: below the 4 MiB that proxies in between may be set to. */
    private static final int PAGE_BYTES = 2_500_000;

    /** So that most directories take one page; if their entries are so large that it is too much, the next is smaller. */
    private static final int FIRST_PAGE = 1_024;

    private static final int LARGEST_PAGE = 16_000;
    /** How much larger a page may be than the one before: what follows may weigh more than what was seen. */
    private static final int MOST_GROWTH = 16;

    private static final ByteString NEXT = ByteString.copyFrom(new byte[] {0});

    private final Sender sender;
    private final PendingCall<?> call;
    private final ByteString first;
    private final ByteString end;
    private final boolean keysOnly;
    private final BiConsumer<List<KeyValue>, Long> done;

    private List<KeyValue> read = List.of();
    private long floor = -1;
    private long revision;
    private int limit = FIRST_PAGE;

    /** A reading that hands all entries, sorted, and their revision to {@code done}. */
    Listing(
            Sender sender,
            KeySpace keys,
            PendingCall<?> call,
            Directory directory,
            boolean keysOnly,
            BiConsumer<List<KeyValue>, Long> done) {
        this.sender = sender;
        this.call = call;
        this.first = keys.first(directory);
        this.end = keys.end(directory);
        this.keysOnly = keysOnly;
        this.done = done;
    }

    /** Begins. */
    void start() {
        next(first);
    }

    /** Begins with any member's view, if that is at {@code revision} at least. */
    void startNotBefore(long revision) {
        floor = revision;
        next(first);
    }

    private void next(ByteString from) {
        RangeRequest question = RangeRequest.newBuilder()
                .setKey(from)
                .setRangeEnd(end)
                .setLimit(limit)
                .setKeysOnly(keysOnly)
                .setRevision(revision)
                // Later pages ask for a revision that a member which lags behind may not have yet.
                .setSerializable(floor >= 0 && revision == 0)
                .build();
        sender.send(Exchange.read(call, KVGrpc.getRangeMethod(), question, this::page)
                .unless(status -> settled(status, from)));
    }

    private void page(RangeResponse answer) {
        if (revision == 0) {
            revision = answer.getHeader().getRevision();
            if (revision < floor) {
                floor = -1;
                restart();
                return;
            }
        }
        if (read.isEmpty()) {
            // The usual case is a single page, which needs no copy.
            read = answer.getMore() ? new ArrayList<>(answer.getKvsList()) : answer.getKvsList();
        } else {
            read.addAll(answer.getKvsList());
        }
        if (!answer.getMore()) {
            done.accept(read, revision);
            return;
        }
        int count = answer.getKvsCount();
        long each = Math.max(1, answer.getSerializedSize() / count);
        long largest = Math.min(LARGEST_PAGE, (long) limit * MOST_GROWTH);
        limit = (int) Math.max(1, Math.min(largest, PAGE_BYTES / each));
        next(answer.getKvs(count - 1).getKey().concat(NEXT));
    }

    private void restart() {
        read = List.of();
        revision = 0;
        next(first);
    }

    private boolean settled(Status status, ByteString from) {
        if (EtcdErrors.isCompacted(status) && revision > 0) {
            restart();
            return true;
        }
        if (EtcdErrors.isTooLarge(status)) {
            if (limit == 1) {
                call.fail(new KvException(
                        call.context(),
                        Outcome.NOT_APPLIED,
                        false,
                        "an entry is larger than the " + Link.MAX_MESSAGE_BYTES + " bytes that this client takes",
                        status.asRuntimeException()));
                return true;
            }
            limit = Math.max(1, limit / 8);
            next(from);
            return true;
        }
        return false;
    }
}
