package dev.rollcall.kv;

/** The backend does not have a {@link Capability} that was used. */
public final class UnsupportedCapabilityException extends KvException {
    private static final long serialVersionUID = 1L;

    private final Capability capability;

    /** The backend lacks {@code capability}. */
    public UnsupportedCapabilityException(Context context, Capability capability) {
        super(context, Outcome.NOT_APPLIED, false, "this backend does not have the capability " + capability, null);
        this.capability = capability;
    }

    /** What is missing. */
    public Capability capability() {
        return capability;
    }
}
