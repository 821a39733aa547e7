package dev.rollcall.hosts;

import dev.rollcall.coordination.DistributedLock;
import dev.rollcall.coordination.LockHold;
import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.NodeView;
import dev.rollcall.registry.Registration;
import dev.rollcall.registry.RegistrationMode;
import java.io.File;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Goes once through what an application does with a store, so that whatever a host's class path lacks is missed here. */
public final class Smoke {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private Smoke() {}

    /** A record of an application's own: what Jackson needs modules for is in it. */
    public record Worker(String address, Optional<Integer> slots, Instant since) {}

    /** The stores, as words with commas. */
    public static void main(String[] args) throws Exception {
        stores(args[0]);
        // Without exit: a thread of ours that is no daemon would keep the host from ending.
    }

    /** Starts a server for each of the words, and goes through everything on it. */
    public static void stores(String words) throws Exception {
        String forbidden = System.getProperty("host.forbidden", "none");
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            String jar = new File(entry).getName();
            expect(!jar.matches(forbidden), "no " + jar + " on the class path");
        }
        try (Servers servers = new Servers()) {
            for (String word : words.split(",")) {
                everything(servers.start(word));
                absentServer(word);
                System.out.println("smoke: " + word + " works");
            }
        }
    }

    /** Goes through everything on the store of the URL. */
    public static void everything(String url) throws Exception {
        KvBackends.check(BackendUrl.parse(url));
        try (KvBackend store = KvBackends.open(url)) {
            nodes(store, url);
            lock(store);
            Lease lease = Futures.await(store.grantLease(Duration.ofSeconds(10)), LIMIT);
            Key key = Key.of("/smoke/leased");
            Futures.await(store.put(key, Bytes.ofUtf8("x"), lease), LIMIT);
            expect(Futures.await(store.get(key), LIMIT).isPresent(), "a leased entry");
            Futures.await(lease.revoke(), LIMIT);
            expect(!Futures.await(store.get(key), LIMIT).isPresent(), "no entry after its lease");
        }
    }

    private static void nodes(KvBackend store, String url) throws Exception {
        Worker worker = new Worker("10.0.0.7:9000", Optional.of(3), Instant.EPOCH);
        try (NodeRegistry<Worker> registry = NodeRegistry.builder(store, NodeCodec.json(Worker.class)).root(Directory.of("/smoke/workers")).build();
                NodeView<Worker> view = registry.view("workers")) {
            Registration<Worker> me = registry.register("workers", "w-1", worker, RegistrationMode.EPHEMERAL);
            me.awaitRegistered(LIMIT);
            view.awaitReady(LIMIT);
            long revision = Futures.await(me.update(new Worker("10.0.0.7:9000", Optional.empty(), Instant.MAX)), LIMIT);
            Futures.await(view.awaitRevision(revision), LIMIT);
            expect(view.get("w-1").value().slots().isEmpty(), "the update in the view");
            me.close();
        }
        try (NodeRegistry<NodeStatus> pumps = NodeRegistry.tidbBinlog(url)) {
            pumps.updateNode("pumps", "p-1", NodeStatus.builder("p-1", "10.0.0.1:8250").build());
            expect(pumps.node("pumps", "p-1").isPresent(), "a pump");
        } catch (KvException e) {
            // Nothing creates a node that is not there, and that was the store's answer.
            expect(e.getMessage() != null, "a reason");
        }
    }

    private static void lock(KvBackend store) throws Exception {
        try (DistributedLock lock = DistributedLock.open(store, Directory.of("/smoke/lock"));
                LockHold hold = lock.lock()) {
            expect(hold.isHeld(), "a lock that is held");
        }
    }

    /** What is wrong is the server, and not a class. */
    private static void absentServer(String word) throws Exception {
        if (word.equals("inmemory")) {
            return;
        }
        try (KvBackend store = KvBackends.open(word + "://127.0.0.1:1/absent?timeout=2s")) {
            Futures.await(store.get(Key.of("/x")), LIMIT);
            throw new IllegalStateException("A server answered on port 1.");
        } catch (KvException e) {
            expect(e.getMessage().contains("127.0.0.1:1"), "the address in: " + e.getMessage());
        }
    }

    private static void expect(boolean seen, String what) {
        if (!seen) {
            throw new IllegalStateException("Expected " + what + ".");
        }
    }
}
