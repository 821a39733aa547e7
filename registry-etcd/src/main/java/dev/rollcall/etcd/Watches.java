package dev.rollcall.etcd;

import io.etcd.jetcd.api.WatchCancelRequest;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The one stream that carries all watches of a handle: one server watch for each, under an id that is never used again on its stream.
 * When the stream ends, for whatever reason, a new one takes over and every watch goes on after its own last revision. Confined to the
 * {@link IoLoop}.
 */
final class Watches {
    private static final long FIRST_PAUSE_MILLIS = 20;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    private final IoLoop loop;
    private final Tokens tokens;
    /** Every watch that wants to hear from etcd, on the stream or waiting for one. */
    private final Set<EtcdWatch> wanted = new LinkedHashSet<>();

    private @Nullable Members members;
    private @Nullable Stream stream;
    private boolean reopening;
    private long pauseMillis = FIRST_PAUSE_MILLIS;
    private boolean closed;

    Watches(IoLoop loop, Tokens tokens) {
        this.loop = loop;
        this.tokens = tokens;
    }

    /** Begins to watch at these members. */
    void open(Members found) {
        members = found;
    }

    /** A member can be used. */
    void found() {
        reopen();
    }

    /** The member that was used is lost. */
    void lost() {
        drop();
    }

    /** Ends the stream for good; ending the watches is their owner's business. */
    void close() {
        closed = true;
        drop();
    }

    /** Begins to tell {@code watch} what happens after its cursor. */
    void add(EtcdWatch watch) {
        if (wanted.add(watch)) {
            if (stream != null) {
                stream.create(watch);
            } else {
                reopen();
            }
        }
    }

    /** Tells {@code watch} nothing more. */
    void remove(EtcdWatch watch) {
        if (wanted.remove(watch) && stream != null) {
            stream.cancel(watch);
        }
    }

    /** Takes a new stream, and with it a new token, for all watches. */
    void renew() {
        drop();
        retrySoon();
    }

    private void drop() {
        Stream old = stream;
        stream = null;
        if (old != null) {
            old.abandon();
        }
    }

    private void reopen() {
        Link link = members == null ? null : members.current();
        if (closed || stream != null || reopening || link == null || wanted.isEmpty()) {
            return;
        }
        Stream opened = new Stream(link);
        stream = opened;
        opened.open();
        for (EtcdWatch watch : List.copyOf(wanted)) {
            opened.create(watch);
        }
    }

    private void retrySoon() {
        if (reopening) {
            return;
        }
        reopening = true;
        long pause = pauseMillis;
        pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, pauseMillis * 2);
        loop.schedule(Duration.ofMillis(ThreadLocalRandom.current().nextLong(pause / 2, pause + 1)), () -> {
            reopening = false;
            reopen();
        });
    }

    /** One life of the stream. */
    private final class Stream extends ClientCall.Listener<WatchResponse> {
        private final Link link;
        private final ClientCall<WatchRequest, WatchResponse> call;
        private final Map<Long, EtcdWatch> byId = new HashMap<>();
        private final Map<EtcdWatch, Long> ids = new HashMap<>();
        private long lastId;
        private boolean abandoned;

        Stream(Link link) {
            this.link = link;
            this.call = link.call(WatchGrpc.getWatchMethod(), CallOptions.DEFAULT);
        }

        void open() {
            call.start(this, Link.headers(tokens.present()));
            call.request(1);
        }

        void create(EtcdWatch watch) {
            long id = ++lastId;
            byId.put(id, watch);
            ids.put(watch, id);
            WatchCreateRequest.Builder create = WatchCreateRequest.newBuilder()
                    .setKey(watch.first())
                    .setRangeEnd(watch.end())
                    .setStartRevision(watch.cursor() + 1)
                    // Now and then etcd tells how far a quiet watch has come, so that it survives a compaction.
                    .setProgressNotify(true);
            watch.begun();
            call.sendMessage(WatchRequest.newBuilder()
                    .setCreateRequest(WatchFields.identified(create, id))
                    .build());
        }

        void cancel(EtcdWatch watch) {
            Long id = ids.remove(watch);
            if (id != null) {
                byId.remove(id);
                call.sendMessage(WatchRequest.newBuilder()
                        .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(id))
                        .build());
            }
        }

        void abandon() {
            abandoned = true;
            call.cancel("The watches go on elsewhere.", null);
        }

        @Override
        public void onMessage(WatchResponse response) {
            // A message too many may arrive after the stream was abandoned; another stream is telling its watches now.
            if (abandoned) {
                return;
            }
            link.answered();
            EtcdWatch watch = byId.get(response.getWatchId());
            if (watch != null) {
                if (response.getCanceled()) {
                    byId.remove(response.getWatchId());
                    ids.remove(watch);
                    wanted.remove(watch);
                    watch.refused(response.getCompactRevision(), response.getCancelReason());
                } else if (!response.getCreated()) {
                    pauseMillis = FIRST_PAUSE_MILLIS;
                    watch.told(response, WatchFields.isPiece(response));
                }
            }
            call.request(1);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            loop.execute(() -> {
                if (stream != this) {
                    return;
                }
                stream = null;
                if (EtcdErrors.isStaleToken(status) && tokens.canRenew()) {
                    tokens.renew(link, tokens.present(), refusal -> retrySoon());
                    return;
                }
                if (members != null) {
                    members.suspect(link);
                }
                retrySoon();
            });
        }
    }
}
