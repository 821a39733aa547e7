package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Printable;
import dev.rollcall.kv.Txn;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests of others to a registration: an entry beside its claim, which the same watch delivers. The owner deletes the entry when it has obeyed, or writes
 * the reason of its refusal into it. Nothing is done twice: the reply is conditional on the entry being the one that was read.
 *
 * <p>Confined to its registration's lane.
 */
final class InboundRequests {
    private static final Logger LOG = LoggerFactory.getLogger(NodeRegistry.class);

    private final Key entry;
    private final String shown;
    private final String incarnation;
    private final Function<NodeRequest, CompletableFuture<Long>> obey;
    private final Executor lane;
    private final Runnable proceed;

    /** Whether the entry may hold what has not been read. */
    private boolean changed;

    /** Whether what was read last is being obeyed. */
    private boolean obeying;

    /** What is to be written about what was read last, or null. */
    private @Nullable Txn answer;

    /** Who has asked for the node to be removed, or null. */
    private @Nullable String remover;

    /** What confirms a removal, or null. */
    private @Nullable Txn confirmation;

    /**
     * The requests at {@code entry}.
     *
     * @param obey begins to do what is asked for; throws what is to be told to who asks
     * @param proceed is called on the lane when there is an answer to be written
     */
    InboundRequests(
            Key entry,
            String incarnation,
            Function<NodeRequest, CompletableFuture<Long>> obey,
            Executor lane,
            Runnable proceed) {
        this.entry = entry;
        this.shown = Printable.line(entry.path());
        this.incarnation = incarnation;
        this.obey = obey;
        this.lane = lane;
        this.proceed = proceed;
    }

    /** These keys and that of the requests. */
    List<Key> with(List<Key> keys) {
        List<Key> all = new ArrayList<>(keys);
        all.add(entry);
        return all;
    }

    boolean isAt(Key key) {
        return key.equals(entry);
    }

    /** The entry was written or deleted, or may have been. */
    void changed() {
        changed = true;
    }

    /** Whether there is something to read or to write. */
    boolean isDue() {
        return answer != null || (changed && !obeying);
    }

    /** Whether the node is to be removed, and the registration to be closed. */
    boolean isRemoval() {
        return remover != null;
    }

    /** Reads what is asked for, or answers it. */
    CompletableFuture<?> step(KvBackend backend) {
        Txn ready = answer;
        if (ready != null) {
            return backend.commit(ready);
        }
        changed = false;
        return backend.get(entry);
    }

    /** Takes what has come of a step; whether there may be another at once. */
    boolean took(@Nullable Object result, @Nullable Throwable failure) {
        if (answer != null) {
            if (failure != null && !(failure instanceof ConditionFailedException)) {
                return false;
            }
            // Otherwise it was withdrawn, another one was put in its place, or an earlier answer has arrived.
            changed |= failure != null;
            answer = null;
        } else if (result instanceof GetResult read) {
            KeyValue present = read.entryOrNull();
            if (present != null) {
                take(present);
            }
        } else {
            changed = true;
            return false;
        }
        return true;
    }

    private void take(KeyValue present) {
        RequestEntry asked = RequestEntry.of(present.value());
        NodeRequest request = asked.request();
        if (request == null || !asked.isFor(incarnation)) {
            // A refusal is deleted by who has asked. What was asked of a former owner nobody waits for.
            if (request != null) {
                LOG.info("A request to {} '{}' is dropped: it was for a former owner.", request.text(), shown);
                answer = done(present);
            }
            return;
        }
        LOG.info("The owner of '{}' is asked to {} by {}.", shown, request.text(), asked.by());
        if (request == NodeRequest.REMOVE) {
            remover = asked.by();
            confirmation = done(present);
            return;
        }
        obeying = true;
        try {
            obey.apply(request)
                    .whenComplete((revision, failure) -> lane.execute(() -> {
                        obeying = false;
                        // Without success the registration has come to its end, and nobody answers.
                        answer = failure == null ? done(present) : null;
                        proceed.run();
                    }));
        } catch (RuntimeException | Error e) {
            // An Error as well: it is the codec's, and who asks shall know.
            obeying = false;
            LOG.info("The request to {} '{}' is refused: {}", request.text(), shown, Printable.line(e.toString()));
            answer = Txn.builder()
                    .ifRevision(entry, present.revision())
                    .put(entry, RequestEntry.refused(Printable.line(reason(e))).value())
                    .build();
        }
    }

    /** For who has asked, perhaps from a shell: what the owner's code would have to say is in the owner's log. */
    private static String reason(Throwable refusal) {
        return refusal instanceof UndefinedTransitionException
                ? "its program does not say what becomes of a record then"
                : String.valueOf(refusal.getMessage());
    }

    private Txn done(KeyValue present) {
        return Txn.builder().ifRevision(entry, present.revision()).delete(entry).build();
    }

    /** Whether a removal is still to be confirmed, which is the last thing that the registration does. */
    boolean isUnconfirmed() {
        return confirmation != null;
    }

    /** Confirms a removal, once. */
    CompletableFuture<?> confirm(KvBackend backend) {
        Txn ready = requireNonNull(confirmation);
        confirmation = null;
        return backend.commit(ready);
    }

    /** Why the registration is closed. */
    String reason() {
        return remover == null ? "it was closed" : "it was removed at the request of " + remover;
    }
}
