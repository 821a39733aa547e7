package dev.rollcall.kv;

import org.jspecify.annotations.Nullable;

/** The lease that a write was to be tied to has ended; nothing was written. Grant a new one. */
public final class LeaseLostException extends KvException {
    private static final long serialVersionUID = 1L;

    private final String leaseId;

    /** The lease with this id has ended. */
    public LeaseLostException(Context context, String leaseId, @Nullable Throwable cause) {
        super(context, Outcome.NOT_APPLIED, false, "the lease " + leaseId + " has ended", cause);
        this.leaseId = leaseId;
    }

    /** The {@linkplain Lease#id() id} of the lease. */
    public String leaseId() {
        return leaseId;
    }
}
