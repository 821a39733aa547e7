package dev.rollcall.etcd;

import dev.rollcall.kv.TimeSource;
import io.etcd.jetcd.api.WatchCancelRequest;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A stream that carries some watches: one server watch for each, under an id of our choice that is never used again on the stream; or a single watch, whose
 * messages need no id. When the stream ends, the next stream resumes every watch after its own last revision. Confined to the {@link IoLoop}.
 */
final class WatchStream implements DurableStream.Owner<WatchRequest, WatchResponse> {
    /** Far above what a server gives that numbers watches itself, so that nobody mistakes the one for the other. */
    private static final long FIRST_ID = 1L << 32;
    /** How often within {@link #FOREIGN_SPAN} a watch with a stream to itself may be told what it has not asked for. */
    private static final int MOST_FOREIGN = 3;

    private static final Duration FOREIGN_SPAN = Duration.ofMinutes(1);

    private final TimeSource time;
    private final DurableStream<WatchRequest, WatchResponse> stream;
    private final WatchStreams owner;
    private final boolean single;
    private final Set<WatchCursor> watches = new LinkedHashSet<>();
    private final Map<Long, WatchCursor> byId = new HashMap<>();
    private final Map<WatchCursor, Long> ids = new HashMap<>();
    /** The creations that have not been answered; etcd answers in the order in which it was asked. */
    private final Queue<Long> asked = new ArrayDeque<>();

    private long lastId = FIRST_ID;
    private int foreign;
    /** When the first of those that are counted came. */
    private long foreignSince;

    WatchStream(EtcdContext handle, MemberSelector members, WatchStreams owner, boolean single) {
        this.time = handle.threads().time();
        this.stream = new DurableStream<>(handle.loop(), handle.tokens(), members, WatchGrpc.getWatchMethod(), this);
        this.owner = owner;
        this.single = single;
    }

    void add(WatchCursor watch) {
        if (watches.add(watch)) {
            DurableStream.Life<WatchRequest, WatchResponse> life = stream.life();
            if (life == null) {
                stream.open();
            } else {
                create(life, watch);
            }
        }
    }

    void remove(WatchCursor watch) {
        if (!watches.remove(watch)) {
            return;
        }
        Long id = ids.remove(watch);
        DurableStream.Life<WatchRequest, WatchResponse> life = stream.life();
        if (id != null && byId.remove(id) != null && life != null) {
            life.send(WatchRequest.newBuilder()
                    .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(id))
                    .build());
        }
    }

    void open() {
        stream.open();
    }

    void drop() {
        stream.drop();
    }

    void close() {
        watches.clear();
        stream.close();
    }

    /** Begins anew, unless the stream has the token {@code fresh}. */
    void renewUnless(@Nullable String fresh) {
        DurableStream.Life<WatchRequest, WatchResponse> life = stream.life();
        if (life != null && !Objects.equals(life.token(), fresh)) {
            stream.renew();
        }
    }

    @Override
    public boolean isWanted() {
        return !watches.isEmpty();
    }

    @Override
    public void opened(DurableStream.Life<WatchRequest, WatchResponse> life) {
        byId.clear();
        ids.clear();
        asked.clear();
        lastId = FIRST_ID;
        List.copyOf(watches).forEach(watch -> create(life, watch));
    }

    private void create(DurableStream.Life<WatchRequest, WatchResponse> life, WatchCursor watch) {
        long id = ++lastId;
        byId.put(id, watch);
        ids.put(watch, id);
        WatchCreateRequest.Builder create = WatchCreateRequest.newBuilder()
                .setKey(watch.first())
                .setRangeEnd(watch.end())
                .setStartRevision(watch.cursor() + 1)
                // Now and then etcd tells how far a quiet watch has come, so that it survives a compaction.
                .setProgressNotify(true);
        asked.add(id);
        watch.begun();
        life.send(WatchRequest.newBuilder()
                .setCreateRequest(WatchFields.identified(create, id))
                .build());
    }

    @Override
    public void told(DurableStream.Life<WatchRequest, WatchResponse> life, WatchResponse response) {
        long id = single ? lastId : response.getWatchId();
        if (!single && id >= 0 && id < FIRST_ID && !response.getCanceled()) {
            owner.numbersItself(life.connection());
            return;
        }
        if (response.getCreated()) {
            id = answered(id);
        }
        WatchCursor watch = byId.get(id);
        if (watch == null) {
            return;
        }
        if (response.getCanceled()) {
            byId.remove(id);
            ids.remove(watch);
            watches.remove(watch);
            owner.ended(watch);
            watch.refused(response.getCompactRevision(), response.getCancelReason(), life.token());
        } else if (!response.getCreated() || response.getEventsCount() > 0) {
            if (watch.covers(response)) {
                stream.calm();
                watch.told(response, WatchFields.isPiece(response));
            } else if (!single) {
                owner.numbersItself(life.connection());
            } else if (isMixedUp()) {
                owner.mixesUp(watch, life.connection());
            } else {
                stream.renew();
            }
        }
    }

    /** Takes note of a message that was not asked for, and returns whether there are too many; one now and then is made good by a new stream. */
    private boolean isMixedUp() {
        long now = time.nanoTime();
        if (foreign == 0 || now - foreignSince > FOREIGN_SPAN.toNanos()) {
            foreignSince = now;
            foreign = 0;
        }
        return ++foreign > MOST_FOREIGN;
    }

    /** The id that was asked for by what is answered; some servers refuse a creation without saying which. */
    private long answered(long id) {
        Long first = asked.poll();
        while (first != null && id >= FIRST_ID && first < id) {
            first = asked.poll();
        }
        return id >= FIRST_ID || first == null ? id : first;
    }

    @Override
    public void ended(DurableStream.Life<WatchRequest, WatchResponse> life) {
        // Every watch goes on by the next life, after its own cursor.
    }
}
