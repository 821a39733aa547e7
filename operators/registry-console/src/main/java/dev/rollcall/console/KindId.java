package dev.rollcall.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rollcall.kv.Directory;
import dev.rollcall.registry.NodeLayout;

/** Which nodes: a kind of a registry. */
record KindId(Directory root, NodeLayout layout, String kind) implements Comparable<KindId> {
    /** The name for the page and its topics. */
    String name() {
        return (layout == NodeLayout.BY_KIND ? "by-kind" : "tidb") + ":" + root + ":" + kind;
    }

    void put(ObjectNode to) {
        to.put("name", name());
        to.put("root", root.path());
        to.put("layout", layout == NodeLayout.BY_KIND ? "by-kind" : "tidb");
        to.put("kind", kind);
    }

    String recordKey(String nodeId) {
        String directory = layout == NodeLayout.BY_KIND ? kind + "/nodes/" : kind + "/";
        return (root.isRoot() ? "/" : root.path() + "/") + directory + nodeId;
    }

    @Override
    public int compareTo(KindId other) {
        return name().compareTo(other.name());
    }
}
