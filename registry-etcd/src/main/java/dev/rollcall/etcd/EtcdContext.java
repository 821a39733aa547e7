package dev.rollcall.etcd;

import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.support.HandleThreads;
import dev.rollcall.kv.support.PendingCalls;
import org.jspecify.annotations.Nullable;

/**
 * What the parts of one handle share.
 *
 * @param name the handle's name, for messages
 * @param loop the thread that talks to etcd
 * @param threads the threads for code of the application
 * @param calls the operations under way
 * @param tokens what identifies the user
 * @param direct how a member is asked what is no operation's
 * @param dispatcher how operations reach etcd
 * @param keys where keys lie
 * @param entrySizes how heavy directories are
 * @param memory what this handle has seen of the store
 */
record EtcdContext(
        String name,
        IoLoop loop,
        HandleThreads threads,
        PendingCalls calls,
        Tokens tokens,
        DirectCall direct,
        RequestDispatcher dispatcher,
        KeySpace keys,
        EntrySizes entrySizes,
        EtcdRewindDetector memory) {
    /** Takes note of a revision, so that a cheap read never goes back behind it. */
    void saw(long revision) {
        memory.saw(revision);
    }

    /** A context for an operation on {@code path}, or on none. */
    Context context(String operation, @Nullable String path) {
        return new Context(name, operation, path);
    }
}
