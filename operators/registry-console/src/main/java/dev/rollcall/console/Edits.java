package dev.rollcall.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Txn;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Changes by hand. Each is conditional on what the user has seen, so that none overwrites what came meanwhile, and each is a line in the log. */
/* Concurrency: immutable. */
final class Edits {
    private static final Logger LOG = LoggerFactory.getLogger(Console.class);

    private static final int MEASUREMENTS = 5;

    private final KvBackend backend;
    private final Directory scratch;

    /** @param directory where writes are measured, below a name of the console's own */
    Edits(KvBackend backend, Directory directory) {
        this.backend = backend;
        this.scratch = directory.directory(".rollcall/console");
    }

    /** Writes a key: if it is at {@code revision}, or absent if that is 0. */
    CompletableFuture<ObjectNode> put(JsonNode request) {
        Key key = key(request, "key");
        Bytes value = value(request);
        long revision = revision(request);
        CompletableFuture<Commit> written =
                revision == 0 ? backend.create(key, value) : backend.update(key, value, revision);
        return logged("wrote", key, written);
    }

    /** Deletes a key that is at {@code revision}. A place in a queue is given up by this: its holder finds out at once. */
    CompletableFuture<ObjectNode> delete(JsonNode request) {
        Key key = key(request, "key");
        return logged("deleted", key, backend.delete(key, positive(revision(request))));
    }

    /** Copies a key that is at {@code revision} to one that is absent; with {@code rename} the first goes, in the same step. */
    CompletableFuture<ObjectNode> copy(JsonNode request) {
        Key from = key(request, "key");
        Key to = key(request, "to");
        boolean rename = request.path("rename").asBoolean(false);
        long revision = positive(revision(request));
        if (from.equals(to)) {
            throw new IllegalArgumentException("The copy would have the same key.");
        }
        return backend.get(from).thenCompose((GetResult found) -> {
            KeyValue entry = found.entryOrNull();
            Txn.Builder txn = Txn.builder().ifRevision(from, revision).ifAbsent(to);
            txn.put(to, entry == null ? Bytes.EMPTY : entry.value());
            if (rename) {
                txn.delete(from);
            }
            return logged(
                    rename ? "renamed '" + from + "' to" : "copied '" + from + "' to", to, backend.commit(txn.build()));
        });
    }

    private static CompletableFuture<ObjectNode> logged(String what, Key key, CompletableFuture<Commit> commit) {
        return commit.handle((done, problem) -> {
                    if (problem == null) {
                        LOG.info("The console {} '{}' at revision {}.", what, key, done.revision());
                        return CompletableFuture.completedFuture(
                                ConsoleJson.object().put("revision", done.revision()));
                    }
                    Throwable cause = Futures.unwrap(problem);
                    if (!(cause instanceof ConditionFailedException)) {
                        LOG.info("The console would have {} '{}': {}", what, key, cause.getMessage());
                    }
                    return CompletableFuture.<ObjectNode>failedFuture(cause);
                })
                .thenCompose(result -> result);
    }

    /** Writes and deletes a key of its own a few times, and tells how long the writes took, in microseconds. */
    CompletableFuture<ObjectNode> measure() {
        Key key = scratch.key(UUID.randomUUID().toString());
        List<Long> micros = new ArrayList<>();
        CompletionStage<@Nullable Void> steps = CompletableFuture.completedFuture(null);
        for (int i = 0; i < MEASUREMENTS; i++) {
            steps = steps.thenCompose(nothing -> {
                long start = System.nanoTime();
                return backend.create(key, Bytes.EMPTY).thenCompose(commit -> {
                    micros.add((System.nanoTime() - start) / 1_000);
                    return backend.delete(key).thenApply(gone -> null);
                });
            });
        }
        return steps.thenApply(nothing -> {
                    ObjectNode measured = ConsoleJson.object();
                    micros.forEach(measured.putArray("micros")::add);
                    return measured;
                })
                .toCompletableFuture();
    }

    // --- What the request says

    private static Key key(JsonNode request, String name) {
        if (!request.path(name).isTextual()) {
            throw new IllegalArgumentException("The field '" + name + "' is missing: a key.");
        }
        return Key.of(request.path(name).textValue());
    }

    private static Bytes value(JsonNode request) {
        if (!request.path("base64").isTextual()) {
            throw new IllegalArgumentException("The field 'base64' is missing: the value.");
        }
        return Bytes.unsafeWrap(
                Base64.getDecoder().decode(request.path("base64").textValue()));
    }

    private static long revision(JsonNode request) {
        JsonNode revision = request.path("revision");
        if (!revision.isIntegralNumber() || revision.longValue() < 0) {
            throw new IllegalArgumentException(
                    "The field 'revision' is missing: that of what is to be changed, or 0 if it is to be created.");
        }
        return revision.longValue();
    }

    private static long positive(long revision) {
        if (revision == 0) {
            throw new IllegalArgumentException("The revision of what is to be changed is positive.");
        }
        return revision;
    }
}
