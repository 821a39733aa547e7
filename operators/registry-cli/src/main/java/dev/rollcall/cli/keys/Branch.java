package dev.rollcall.cli.keys;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Snapshot;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A place in the tree of keys: what is at it, if anything, and what is below. Confined to one thread. */
final class Branch {
    private final String name;
    private final String path;
    private final Map<String, Branch> children = new TreeMap<>();
    private @Nullable KeyValue entry;
    private int below;

    private Branch(String name, String path) {
        this.name = name;
        this.path = path;
    }

    /** The directory of a snapshot with all that is below it. */
    static Branch of(Snapshot snapshot) {
        Branch root =
                new Branch(snapshot.directory().path(), snapshot.directory().path());
        for (KeyValue entry : snapshot.entries()) {
            Branch at = root;
            for (String segment : snapshot.directory().relativize(entry.key()).split("/")) {
                at.below++;
                String path = (at.path.equals("/") ? "" : at.path) + "/" + segment;
                at = at.children.computeIfAbsent(segment, name -> new Branch(name, path));
            }
            at.entry = entry;
        }
        return root;
    }

    /** What is directly below, sorted by name. */
    Collection<Branch> children() {
        return children.values();
    }

    /** The name within the directory that this is in. */
    String name() {
        return name;
    }

    /** The entry with this very key, or null. */
    @Nullable
    KeyValue entry() {
        return entry;
    }

    /** How many entries are below. */
    int below() {
        return below;
    }

    /** One line of a table. */
    List<String> row() {
        KeyValue at = entry;
        return List.of(
                PlainText.of(name) + (at == null ? "/" : ""),
                at == null ? "" : Long.toString(at.revision()),
                at == null ? "" : at.leased() ? "yes" : "no",
                at == null ? "" : Integer.toString(at.value().size()),
                Integer.toString(below));
    }

    /** Fills in this place and, if {@code deep}, all that is below it. */
    void fill(ObjectNode node, boolean deep) {
        node.put("name", name).put("key", path);
        if (entry != null) {
            node.put("revision", entry.revision())
                    .put("leased", entry.leased())
                    .put("bytes", entry.value().size());
        }
        node.put("below", below);
        if (deep && !children.isEmpty()) {
            ArrayNode array = node.putArray("children");
            children.values().forEach(child -> child.fill(array.addObject(), true));
        }
    }
}
