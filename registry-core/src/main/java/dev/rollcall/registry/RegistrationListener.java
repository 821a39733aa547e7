package dev.rollcall.registry;

/** Is told how a {@link Registration} stands. Called one at a time, in order, on a thread of the registry's for user code. */
@FunctionalInterface
public interface RegistrationListener {
    /** The state or its reason has changed. */
    void onStatus(RegistrationStatus status);
}
