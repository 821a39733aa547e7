package dev.rollcall.kv;

/**
 * What a watch delivers: a whole {@link Snapshot}, or the {@link Changes} since the signal before.
 *
 * <p>After each signal the observer's state equals what {@link KvBackend#list(Directory)} gives at {@link #revision()}.
 */
public sealed interface WatchSignal permits Snapshot, Changes {
    /** The directory that is watched. */
    Directory directory();

    /** The revision that this signal brings the observer to; it never shrinks from one signal of a watch to the next. */
    long revision();
}
