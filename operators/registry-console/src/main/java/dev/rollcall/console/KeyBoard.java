package dev.rollcall.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/** The tree of keys, and the search in it. */
/* Concurrency: indexes is final; told is confined to the console's thread. */
final class KeyBoard implements Topic {
    /** As many of a level as a page wants at once. */
    static final int LEVEL_PAGE = 1_000;

    private static final int SEARCH_PAGE = 200;

    private final KvBackend backend;
    private final List<KeyIndex> indexes = new ArrayList<>();
    private @Nullable ObjectNode told;

    KeyBoard(
            KvBackend backend,
            List<Directory> directories,
            ScheduledExecutorService thread,
            KeyIndex.Observer observer) {
        this.backend = backend;
        directories.forEach(directory -> indexes.add(new KeyIndex(backend, directory, thread, observer)));
    }

    void load() {
        indexes.forEach(KeyIndex::load);
    }

    List<KeyIndex> indexes() {
        return indexes;
    }

    /** The index that has what is below a directory, or null if none has. */
    @Nullable
    KeyIndex indexOf(Directory directory) {
        for (KeyIndex index : indexes) {
            boolean covered = index.directory().equals(directory)
                    || directory.path().startsWith(index.directory().rangeStart());
            if (covered && index.state() == KeyIndex.State.READY) {
                return index;
            }
        }
        return null;
    }

    // --- The topic "keys": how many there are, and at which revision; the page reads what it shows again when that
    // grows

    @Override
    public byte[] state() {
        told = status();
        return ConsoleJson.event("keys", told);
    }

    @Override
    public byte @Nullable [] changes(boolean followed) {
        if (!followed) {
            return null;
        }
        ObjectNode now = status();
        if (now.equals(told)) {
            return null;
        }
        told = now;
        return ConsoleJson.event("keys", now);
    }

    private ObjectNode status() {
        ObjectNode status = ConsoleJson.object();
        ArrayNode roots = status.putArray("roots");
        for (KeyIndex index : indexes) {
            ObjectNode root = roots.addObject();
            root.put("directory", index.directory().path());
            root.put("state", index.state().name().toLowerCase(Locale.ROOT));
            root.put("keys", index.size());
            root.put("revision", index.revision());
            KvException failure = index.failure();
            if (failure != null) {
                root.put("failure", failure.getMessage());
            }
        }
        return status;
    }

    // --- Answers

    /** What is directly below a directory, from the name {@code after} on. */
    CompletableFuture<ObjectNode> level(Directory directory, String after) {
        KeyIndex index = indexOf(directory);
        if (index != null) {
            return CompletableFuture.completedFuture(level(directory, index.children(directory), after));
        }
        CompletableFuture<ObjectNode> level = new CompletableFuture<>();
        backend.children(directory).whenComplete((names, problem) -> {
            Throwable cause = problem == null ? null : Futures.unwrap(problem);
            if (cause instanceof AccessDeniedException) {
                // Whoever may read one directory only is shown that one, and no error.
                ObjectNode denied = level(directory, List.of(), after);
                denied.put("denied", true);
                level.complete(denied);
            } else if (cause != null) {
                level.completeExceptionally(cause);
            } else {
                level.complete(level(
                        directory,
                        names.stream()
                                .map(name -> new KeyIndex.Child(name, null, -1))
                                .toList(),
                        after));
            }
        });
        return level;
    }

    private static ObjectNode level(Directory directory, List<KeyIndex.Child> children, String after) {
        ObjectNode level = ConsoleJson.object();
        level.put("directory", directory.path());
        level.put("total", children.size());
        ArrayNode shown = level.putArray("children");
        for (KeyIndex.Child child : children) {
            if (child.name().compareTo(after) <= 0) {
                continue;
            }
            if (shown.size() == LEVEL_PAGE) {
                level.put("more", true);
                break;
            }
            ObjectNode node = shown.addObject();
            node.put("name", child.name());
            node.put("key", child.isKey());
            node.put("below", child.below());
        }
        return level;
    }

    /** The keys that contain each word of {@code text}. */
    ObjectNode search(String text) {
        List<String> words = Arrays.stream(text.strip().split("\\s+"))
                .filter(word -> !word.isEmpty())
                .toList();
        ObjectNode found = ConsoleJson.object();
        ArrayNode paths = found.putArray("paths");
        long total = 0;
        boolean whole = true;
        for (KeyIndex index : indexes) {
            whole &= index.state() == KeyIndex.State.READY;
            KeyIndex.Found some = index.search(words, SEARCH_PAGE - paths.size());
            some.paths().forEach(paths::add);
            total += some.total();
        }
        found.put("total", total);
        found.put("whole", whole);
        return found;
    }

    void close() {
        indexes.forEach(KeyIndex::close);
    }
}
