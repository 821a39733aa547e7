package dev.rollcall.registry;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Printable;
import dev.rollcall.kv.Txn;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a registration whose record is kept writes last: the record as its codec's {@link NodeCodec#departed} makes it, or the removal of all that stands for
 * the node, if somebody has asked for that. Confined to the registration's lane, which the user's codec may block for a while.
 */
final class LastWrite {
    private static final Logger LOG = LoggerFactory.getLogger(NodeRegistry.class);
    /** How often the last write is attempted, if others keep changing the record. */
    private static final int MOST_ATTEMPTS = 3;

    private final KvBackend backend;
    private final Claim claim;
    private final Supplier<Bytes> departed;
    private final InboundRequests inbound;
    private final PendingOperation operation;
    private final Runnable proceed;
    private int attempts;
    private boolean done;

    /**
     * @param departed encodes the last value
     * @param proceed is called on the lane when there is another step, here or in what follows
     */
    LastWrite(
            KvBackend backend,
            Claim claim,
            Supplier<Bytes> departed,
            InboundRequests inbound,
            PendingOperation operation,
            Runnable proceed) {
        this.backend = backend;
        this.claim = claim;
        this.departed = departed;
        this.inbound = inbound;
        this.operation = operation;
        this.proceed = proceed;
    }

    /** Whether there is something to write, while the lease is held. */
    boolean isDue() {
        return claim.keeps() && !done && attempts < MOST_ATTEMPTS;
    }

    /** Attempts it, at first with a read unless the keys are known exactly. */
    void step(KnownState known, RegistrationState state) {
        attempts++;
        if (known.footing() == null || known.isBehind()) {
            operation.start(
                    claim.read(backend), (seen, failure) -> write(known, seen == null ? null : claim.standing(seen)));
        } else {
            write(known, state == RegistrationState.REGISTERED ? known.footing() : null);
        }
    }

    private void write(KnownState known, Claim.@Nullable Footing standing) {
        Txn last = standing == null ? null : last(standing);
        if (last == null) {
            finish();
            return;
        }
        operation.start(backend.commit(last), (commit, failure) -> {
            if (failure instanceof ConditionFailedException) {
                known.invalidate();
                proceed.run();
            } else {
                finish();
            }
        });
    }

    /** Null if the codec fails. */
    private @Nullable Txn last(Claim.Footing standing) {
        try {
            return inbound.isRemoval() ? claim.remove(standing) : claim.depart(standing, claim.checked(departed.get()));
        } catch (Throwable e) {
            // An Error as well: whatever the codec does, the id is to be given free.
            LOG.error(
                    "The codec failed on the last value of '{}', which is left as it is.",
                    Printable.line(claim.record().path()),
                    e);
            return null;
        }
    }

    private void finish() {
        done = true;
        proceed.run();
    }
}
