package dev.rollcall.etcd;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.HistoryUnavailableException;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.support.PendingCall;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.RangeRequest;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Feeds one watch: reads its first state if it starts from one, asks etcd for what follows, and decides what to do when etcd will not go
 * on. Confined to the {@link IoLoop}.
 */
final class WatchFeed implements WatchCursor.Receiver {
    private static final Logger LOG = LoggerFactory.getLogger(WatchFeed.class);
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final int MOST_UNFOUNDED_REFUSALS = 3;

    /** The mailbox that is fed. Runs on the loop; must not block. */
    interface Mailbox {
        /** Whether a gap can be closed by a fresh snapshot. */
        boolean takesSnapshots();

        /** Offers a whole state; false if a newer one is needed. */
        boolean snapshot(Snapshot state);

        /** Says that changes are missing until the next snapshot. */
        void gap();

        /** Says that all that was offered is void, and the next snapshot may be of any revision. */
        void rewound();

        /** Offers whole transactions. */
        void changes(List<Change> changes, long revision);

        /** Ends the watch after what was offered. */
        void end(KvException reason);

        /** Ends the watch without what was offered. */
        void closeWith(KvException reason);
    }

    private final EtcdContext handle;
    private final WatchStreams watches;
    private final Directory directory;
    private final Mailbox mailbox;
    private final WatchCursor watch;
    private int unfoundedRefusals;
    /** How often the store has gone back in time: what was asked for before is of no use after. */
    private int epoch;

    private boolean ended;

    WatchFeed(EtcdContext handle, WatchStreams watches, Directory directory, Mailbox mailbox) {
        this.handle = handle;
        this.watches = watches;
        this.directory = directory;
        this.mailbox = mailbox;
        this.watch = new WatchCursor(handle.keys(), directory, this);
    }

    /** Runs a step of a watch that is on no stream; if it fails, the watch begins anew or ends, since nobody else would see to it. */
    private void step(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            crashed(watch.cursor(), e);
        }
    }

    /** Reads the state, and goes on from there. */
    void startFromSnapshot() {
        step(this::readSnapshot);
    }

    private void readSnapshot() {
        if (ended) {
            return;
        }
        PendingCall<Snapshot> call = handle.calls().begin(context(), false);
        new PagedListing(handle, call, directory, false, (entries, revision) -> {
                    handle.saw(revision);
                    call.complete(ListResults.snapshot(handle.keys(), directory, entries, revision));
                })
                .start();
        whenDone(call, this::startAfter, this::startFromSnapshot);
    }

    private void startAfter(Snapshot state) {
        for (KeyValue entry : state.entries()) {
            handle.memory().remember(entry.key(), entry.revision());
        }
        if (mailbox.snapshot(state)) {
            startAfter(state.revision());
        } else {
            startFromSnapshot();
        }
    }

    /** Goes on after {@code revision}. */
    void startAfter(long revision) {
        if (!ended) {
            step(() -> {
                watch.moveTo(revision);
                watches.add(watch);
            });
        }
    }

    /** Takes the watch off its stream for a while. */
    void stop() {
        watches.remove(watch);
    }

    /** The watch has ended; nothing more is asked for. */
    void end() {
        ended = true;
        watches.remove(watch);
    }

    /** The store has gone back in time: what was told is not its past, and where that cannot be put right, the watch ends. */
    void rewound(String reason) {
        if (ended) {
            return;
        }
        epoch++;
        long cursor = watch.cursor();
        watches.remove(watch);
        step(() -> {
            if (mailbox.takesSnapshots()) {
                mailbox.rewound();
                startFromSnapshot();
            } else {
                mailbox.end(new HistoryUnavailableException(
                        context(), cursor, "the store has gone back in time or is another one: " + reason, null));
            }
        });
    }

    /** The handle has been closed. */
    void close() {
        mailbox.closeWith(new BackendClosedException(context(), Outcome.NOT_APPLIED));
    }

    @Override
    public void changes(List<Change> changes, long revision) {
        unfoundedRefusals = 0;
        handle.saw(revision);
        if (changes.get(changes.size() - 1) instanceof Change.Put put) {
            handle.memory().remember(put.key(), put.revision());
        }
        mailbox.changes(changes, revision);
    }

    @Override
    public void compacted(long cursor, long compacted) {
        if (mailbox.takesSnapshots()) {
            mailbox.gap();
            startFromSnapshot();
        } else {
            mailbox.end(new HistoryUnavailableException(
                    context(), cursor, "the store has compacted its history up to revision " + compacted, null));
        }
    }

    @Override
    public void refused(String reason, @Nullable String token) {
        if (EtcdErrors.isDenial(reason)) {
            findOut(reason, token);
        } else {
            startAfterAPause();
        }
    }

    private void startAfterAPause() {
        int asked = epoch;
        handle.loop().schedule(PAUSE, () -> {
            if (asked == epoch) {
                startAfter(watch.cursor());
            }
        });
    }

    @Override
    public void denied(Refusal refusal) {
        mailbox.end(refusal.failure(context()));
    }

    @Override
    public void unusable(String reason) {
        mailbox.end(new KvException(context(), Outcome.NOT_APPLIED, false, reason, null));
    }

    @Override
    public void crashed(long cursor, Throwable cause) {
        LOG.error(
                "What etcd told the watch on {} could not be taken, which is a fault of the backend; it begins anew or ends.",
                directory.path(),
                cause);
        watches.remove(watch);
        if (mailbox.takesSnapshots()) {
            int asked = epoch;
            handle.loop().schedule(PAUSE, () -> {
                if (asked == epoch) {
                    startFromSnapshot();
                }
            });
            mailbox.gap();
        } else {
            mailbox.end(new HistoryUnavailableException(
                    context(), cursor, "what the store told then could not be taken: " + cause, cause));
        }
    }

    /**
     * Either the user may not watch here, or the stream's token has worn out: a read, which gets a new one if need be, tells. Only a
     * refusal of the token that reads are served with speaks against the user.
     */
    private void findOut(String reason, @Nullable String token) {
        PendingCall<Boolean> call = handle.calls().begin(context(), false);
        RangeRequest question = RangeRequest.newBuilder()
                .setKey(watch.first())
                .setRangeEnd(watch.end())
                .setLimit(1)
                .setKeysOnly(true)
                .build();
        handle.dispatcher()
                .send(EtcdRequest.read(call, KVGrpc.getRangeMethod(), question, answer -> call.complete(true)));
        whenDone(
                call,
                permitted -> {
                    if (EtcdErrors.isAuthChanged(reason)) {
                        // It says nothing about this user, and passes.
                        watches.renew();
                        startAfterAPause();
                        return;
                    }
                    boolean sameToken = Objects.equals(token, handle.tokens().present());
                    unfoundedRefusals = sameToken ? unfoundedRefusals + 1 : 0;
                    if (unfoundedRefusals > MOST_UNFOUNDED_REFUSALS) {
                        mailbox.end(new AccessDeniedException(
                                context(),
                                "the store refuses to let this user watch, though it may read: " + reason,
                                null));
                        return;
                    }
                    watches.renew();
                    startAfter(watch.cursor());
                },
                () -> step(() -> findOut(reason, token)));
    }

    /** Continues on the loop: with the result, by trying again, or not at all if trying again is of no use. */
    private <T> void whenDone(PendingCall<T> call, Consumer<T> then, Runnable again) {
        int asked = epoch;
        call.future()
                .whenComplete((result, failure) -> handle.loop()
                        .execute(() -> step(() -> {
                            if (ended || asked != epoch) {
                                return;
                            }
                            if (failure == null) {
                                then.accept(result);
                            } else if (failure instanceof KvException reason && isFinal(reason)) {
                                mailbox.end(reason);
                            } else {
                                handle.loop().schedule(PAUSE, () -> {
                                    if (asked == epoch) {
                                        again.run();
                                    }
                                });
                            }
                        })));
    }

    private static boolean isFinal(@Nullable KvException reason) {
        return reason instanceof AccessDeniedException
                || reason instanceof BackendClosedException
                || (reason != null && !reason.isRetryable());
    }

    private Context context() {
        return handle.context("watch", directory.path());
    }
}
