package dev.rollcall.registry;

/** Is told the result of each audit of a {@link NodeView}, on a thread of the registry's for user code. */
@FunctionalInterface
public interface ViewAuditListener {
    /** The view was compared with the store. */
    void onAudit(ViewAudit audit);
}
