package dev.rollcall.registry;

/**
 * Is told what changes in a {@link NodeView}. Called one at a time, in order, on a thread of the registry's for user code. Changes during a call are merged
 * into one update, so that a slow listener delays no other and gets only the difference.
 */
@FunctionalInterface
public interface ViewListener<T> {
    /** The view has moved on; it may be further already. */
    void onUpdate(ViewUpdate<T> update);
}
