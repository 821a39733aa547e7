package dev.rollcall.registry;

import dev.rollcall.kv.KvException;
import org.jspecify.annotations.Nullable;

/** Receives what {@link NodeRegistry#watchNodes} delivers; threads, order and end are as for {@link dev.rollcall.kv.WatchListener}. */
public interface NodeWatchListener<T> {
    /** A signal has come. */
    void onNodes(NodeSignal<T> signal);

    /** The watch has ended, with null if it or its registry was closed; called once, last. */
    void onEnd(@Nullable KvException cause);
}
