package dev.rollcall.registry;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Lists the records, claims and marks of one kind: by one list where the layout has them in one directory, else by three lists, which together are one cut
 * only if they are of one revision.
 */
final class KindReads {
    private final KvBackend backend;
    private final Directory scope;
    private final List<Directory> parts;

    KindReads(KvBackend backend, NodeKeys keys, String kind) {
        this.backend = backend;
        this.scope = keys.scope(kind);
        this.parts = keys.parts(kind);
    }

    /**
     * What was found.
     *
     * @param scope the directory that has all parts
     * @param parts the lists, never none
     */
    record Listed(Directory scope, List<Snapshot> parts) {
        /** Whether all is as of one revision. */
        boolean isCut() {
            return parts.stream().allMatch(part -> part.revision() == revision());
        }

        /** The revision that everything is at least as new as. */
        long revision() {
            return parts.stream().mapToLong(Snapshot::revision).min().orElse(0);
        }

        /** All entries, by part; exact at the revision only if this is a cut. */
        Snapshot asOne() {
            if (parts.size() == 1) {
                return parts.get(0);
            }
            List<KeyValue> entries = new ArrayList<>();
            parts.forEach(part -> entries.addAll(part.entries()));
            return new Snapshot(scope, entries, revision());
        }
    }

    /**
     * Lists the kind.
     *
     * @param whole whether the directory that is followed is listed instead, other kinds included, which is one cut always
     */
    CompletableFuture<Listed> list(boolean whole) {
        List<CompletableFuture<Snapshot>> lists =
                (whole ? List.of(scope) : parts).stream().map(backend::list).toList();
        CompletableFuture<Void> all = CompletableFuture.allOf(lists.toArray(CompletableFuture<?>[]::new));
        return Futures.map(
                all,
                nothing -> new Listed(
                        scope, lists.stream().map(CompletableFuture::join).toList()));
    }
}
