package dev.rollcall.kv;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A promise of presence: entries put with it exist while it is kept alive, and go together, in one revision, when it ends.
 *
 * <p>The backend renews it in the background until it is revoked, its backend is closed, or it is lost. A lost lease never revives. It
 * never deletes an entry that was deleted and created again, or put with another lease, meanwhile. Instances belong to the handle that
 * granted them and are safe for use by several threads.
 */
public interface Lease extends AutoCloseable {
    /** The store's name for it; for messages, metrics and operators. */
    String id();

    /** The ttl that was granted: how long entries survive a holder that has fallen silent. May differ from what was asked for. */
    Duration ttl();

    /**
     * Whether the holder may still rely on it. Judged by the holder's own monotonic clock with a margin: this turns false no later than
     * others can see the entries go.
     */
    boolean isHeld();

    /** Completes once, when the lease ends, with the reason; on a callback thread. Never completes exceptionally. */
    CompletionStage<LeaseEnd> ended();

    /**
     * Ends the lease and deletes its entries.
     *
     * @return completes when the store has confirmed it; at once if the lease has ended already; with a {@link KvException} if it cannot
     *     be confirmed, in which case the entries go after the ttl at the latest
     */
    CompletableFuture<Void> revoke();

    /** Begins to {@linkplain #revoke() revoke} the lease and does not wait for it. Has no effect when called again. */
    @Override
    void close();
}
