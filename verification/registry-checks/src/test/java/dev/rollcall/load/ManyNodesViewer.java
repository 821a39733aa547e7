package dev.rollcall.load;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.registry.Node;
import dev.rollcall.registry.NodeKinds;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeSet;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.NodeView;

/** A program that keeps a view and says, again and again, what is in it and how much of the heap that takes. */
final class ManyNodesViewer {
    /** Where it says so. */
    static final Key REPORT = Key.of("/report/viewer");

    private ManyNodesViewer() {}

    public static void main(String[] args) throws InterruptedException {
        KvBackend backend = KvBackends.open(args[0]);
        NodeRegistry<NodeStatus> registry = NodeRegistry.tidbBinlog(backend);
        NodeView<NodeStatus> view = registry.view(NodeKinds.PUMPS);
        Futures.await(view.ready());
        long before = -1;
        while (true) {
            NodeSet<NodeStatus> nodes = view.nodes();
            if (nodes.revision() != before) {
                before = nodes.revision();
                Futures.await(backend.put(REPORT, Bytes.ofUtf8(report(nodes))));
            }
            Thread.sleep(100);
        }
    }

    private static String report(NodeSet<NodeStatus> nodes) {
        long scores = 0;
        for (Node<NodeStatus> node : nodes) {
            scores += node.value().score();
        }
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        long used = (runtime.totalMemory() - runtime.freeMemory()) >> 20;
        return nodes.size() + " nodes, scores " + scores + ", " + used + " MB of heap of "
                + (runtime.maxMemory() >> 20);
    }
}
