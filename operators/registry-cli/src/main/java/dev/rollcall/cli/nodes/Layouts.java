package dev.rollcall.cli.nodes;

import dev.rollcall.cli.support.PlainText;
import dev.rollcall.cli.support.UsageException;
import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyListing;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.registry.NodeLayout;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Tells by the keys of a kind where its nodes are. */
final class Layouts {
    private static final Set<String> BY_KIND = Set.of("nodes", "alive", "kept");

    private static final Duration PAUSE = Duration.ofMillis(200);

    private Layouts() {}

    /** The layout that {@code --layout} names. */
    static NodeLayout named(String name) {
        return switch (name) {
            case "tidb" -> NodeLayout.TIDB_BINLOG;
            case "by-kind" -> NodeLayout.BY_KIND;
            default ->
                throw new UsageException("'" + PlainText.of(name)
                        + "' is not a layout; it is tidb, for ROOT/KIND/NODE, or by-kind, for ROOT/KIND/nodes/NODE.");
        };
    }

    /**
     * The layout of what is there; TiDB's if nothing is, or if it may not be listed.
     *
     * @throws UsageException if there are nodes in both
     */
    static NodeLayout of(KvBackend backend, Directory root, String kind) throws InterruptedException {
        Directory directory;
        try {
            directory = root.directory(kind);
        } catch (IllegalArgumentException e) {
            // Not a kind, which the registry will say.
            return NodeLayout.TIDB_BINLOG;
        }
        if (kind.indexOf('/') >= 0) {
            return NodeLayout.TIDB_BINLOG;
        }
        KeyListing keys;
        try {
            keys = Futures.await(backend.keys(directory));
        } catch (AccessDeniedException e) {
            return NodeLayout.TIDB_BINLOG;
        }
        boolean tidb = false;
        boolean byKind = false;
        for (Key key : keys.keys()) {
            String[] segments = directory.relativize(key).split("/");
            tidb |= segments.length == 1;
            byKind |= segments.length == 2 && BY_KIND.contains(segments[0]);
        }
        if (tidb && byKind) {
            throw new UsageException("Below " + PlainText.of(directory.path())
                    + " there are nodes in two layouts; say which are meant with"
                    + " --layout tidb, for " + PlainText.of(directory.path()) + "/NODE, or --layout by-kind, for "
                    + PlainText.of(directory.path()) + "/nodes/NODE.");
        }
        return byKind ? NodeLayout.BY_KIND : NodeLayout.TIDB_BINLOG;
    }

    /** {@link #of}, as soon as the store answers. */
    static NodeLayout onceReached(KvBackend backend, Directory root, String kind) throws InterruptedException {
        while (true) {
            try {
                return of(backend, root, kind);
            } catch (KvException e) {
                if (!e.isRetryable()) {
                    throw e;
                }
                TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
            }
        }
    }
}
