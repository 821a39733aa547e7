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
 * One reading of a directory: page after page at the revision of the first, begun again if that has been compacted meanwhile, or is gone with the store's past. The size of a page follows
 * from the bytes of the last one, that of the first page from the list before. No page is requested that would be too large if all its entries were as
 * large as the largest neighbours in this list and the one before, since large entries may follow small ones. Few pages are better than many, since etcd
 * counts all the following keys for each of them. Confined to the {@link IoLoop}.
 */
final class PagedListing {
    /** What a page should weigh: below the 4 MiB that proxies in between may be set to. */
    private static final int PAGE_BYTES = 2_500_000;

    /** Of a directory that was not listed before: even the heaviest entries do not weigh more than a message may. */
    private static final int FIRST_PAGE = 16;

    /** Without values nothing shows how heavy they are, and servers before 3.7 read them all the same. */
    private static final int LARGEST_BLIND_PAGE_OF_KEYS = 256;

    /** Of a directory that nothing is known of, however light it has been so far. */
    private static final int LARGEST_BLIND_PAGE = 1_024;

    /** What no page should weigh in the worst case. */
    private static final int MOST_PAGE_BYTES = MemberConnection.MAX_MESSAGE_BYTES / 4 * 3;

    private static final int LARGEST_PAGE = 16_000;
    /** How much larger a page may be than the one before: what follows may weigh more than what was seen. */
    private static final int MOST_GROWTH = 4;

    private static final ByteString NEXT = ByteString.copyFrom(new byte[] {0});

    private final EtcdContext handle;
    private final PendingCall<?> call;
    private final ByteString first;
    private final ByteString end;
    private final boolean keysOnly;
    private final BiConsumer<List<KeyValue>, Long> done;

    private List<KeyValue> read = List.of();
    private long floor = -1;
    private long revision;
    private long heaviest;
    private int limit = FIRST_PAGE;

    /** A reading that hands all entries, sorted, and their revision to {@code done}. */
    PagedListing(
            EtcdContext handle,
            PendingCall<?> call,
            Directory directory,
            boolean keysOnly,
            BiConsumer<List<KeyValue>, Long> done) {
        this.handle = handle;
        this.call = call;
        this.first = handle.keys().first(directory);
        this.end = handle.keys().end(directory);
        this.keysOnly = keysOnly;
        this.done = done;
    }

    /** Begins. */
    void start() {
        begin();
    }

    private void begin() {
        // What is remembered belongs to the loop.
        handle.loop().execute(() -> {
            limit = firstPage();
            next(first);
        });
    }

    private int firstPage() {
        Long each = handle.entrySizes().of(first);
        if (each == null) {
            return FIRST_PAGE;
        }
        return (int) Math.max(1, Math.min(LARGEST_PAGE, PAGE_BYTES / Math.max(1, each)));
    }

    private long largestPage() {
        Long known = handle.entrySizes().of(first);
        if (keysOnly) {
            return known == null ? LARGEST_BLIND_PAGE_OF_KEYS : firstPage();
        }
        long most = known == null ? LARGEST_BLIND_PAGE : LARGEST_PAGE;
        long each = Math.max(heaviest, known == null ? 0 : known);
        return Math.min(most, MOST_PAGE_BYTES / Math.max(1, each));
    }

    /**
     * The bytes of an entry, on average over those next to each other that are heaviest together; as many as a first page has, so that the rare
     * large entry does not make all pages small, nor what is light make what is heavy look lighter.
     */
    private long heaviestNeighbours(RangeResponse page) {
        int neighbours = Math.min(limit, FIRST_PAGE);
        long sum = 0;
        long most = 0;
        for (int i = 0; i < page.getKvsCount(); i++) {
            sum += page.getKvs(i).getSerializedSize();
            if (i >= neighbours) {
                sum -= page.getKvs(i - neighbours).getSerializedSize();
            }
            most = Math.max(most, sum);
        }
        return most / neighbours;
    }

    private void remember() {
        if (heaviest > 0 && !keysOnly) {
            handle.entrySizes().saw(first, heaviest);
        }
    }

    /** Begins with any member's view, if that is at {@code revision} at least. */
    void startNotBefore(long revision) {
        floor = revision;
        begin();
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
        handle.dispatcher()
                .send(EtcdRequest.read(call, KVGrpc.getRangeMethod(), question, this::page)
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
        int count = answer.getKvsCount();
        if (!keysOnly) {
            heaviest = Math.max(heaviest, heaviestNeighbours(answer));
        }
        if (!answer.getMore()) {
            remember();
            done.accept(read, revision);
            return;
        }
        long each = Math.max(1, answer.getSerializedSize() / count);
        long largest = Math.min(largestPage(), (long) limit * MOST_GROWTH);
        limit = (int) Math.max(1, Math.min(largest, PAGE_BYTES / each));
        next(answer.getKvs(count - 1).getKey().concat(NEXT));
    }

    private void restart() {
        read = List.of();
        revision = 0;
        next(first);
    }

    private boolean settled(Status status, ByteString from) {
        // Compacted, or not there since the store has gone back in time: it has had this revision.
        if (EtcdErrors.isOutOfHistory(status) && revision > 0) {
            restart();
            return true;
        }
        if (EtcdErrors.isTooLarge(status)) {
            if (limit == 1) {
                call.fail(new KvException(
                        call.context(),
                        Outcome.NOT_APPLIED,
                        false,
                        "an entry is larger than the " + MemberConnection.MAX_MESSAGE_BYTES
                                + " bytes that this client takes",
                        status.asRuntimeException()));
                return true;
            }
            limit = Math.max(1, limit / 8);
            // Nobody knows how heavy they are, but that so many are too many.
            heaviest = Math.max(heaviest, MOST_PAGE_BYTES / limit);
            remember();
            next(from);
            return true;
        }
        return false;
    }
}
