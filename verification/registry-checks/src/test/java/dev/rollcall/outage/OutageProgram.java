package dev.rollcall.outage;

import dev.rollcall.coordination.CandidateListener;
import dev.rollcall.coordination.DistributedLock;
import dev.rollcall.coordination.FencingToken;
import dev.rollcall.coordination.LeaderElection;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.RegistrationMode;

/** An application whose store is away, and which waits through many failed attempts. */
final class OutageProgram {
    private static final int READS = 20;

    private OutageProgram() {}

    public static void main(String[] args) throws InterruptedException {
        KvBackend backend = KvBackends.open(args[0]);
        NodeRegistry<NodeStatus> registry = NodeRegistry.tidbBinlog(backend);
        // One that turns the direction of what is behind it.
        for (String name : new String[] {"one", "two", "three\u202e"}) {
            registry.view(name);
            registry.register("pumps", name, NodeStatus.builder(name, "h:1").build(), RegistrationMode.PERSISTENT);
            LeaderElection.open(backend, Directory.of("/election/" + name)).join(name + "\nforged", new Silent());
            DistributedLock.open(backend, Directory.of("/lock/" + name)).acquire();
        }
        int failures = 0;
        while (failures < READS) {
            try {
                Futures.await(backend.get(Key.of("/a")));
            } catch (KvException e) {
                failures++;
            }
        }
        Runtime.getRuntime().halt(0);
    }

    private static final class Silent implements CandidateListener {
        @Override
        public void onElected(FencingToken token) {}

        @Override
        public void onLost(FencingToken token, String reason) {}
    }
}
