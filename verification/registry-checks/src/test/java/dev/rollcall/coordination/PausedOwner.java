package dev.rollcall.coordination;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Txn;
import dev.rollcall.registry.NodeKinds;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.RegistrationMode;
import dev.rollcall.registry.RegistrationOptions;
import java.time.Duration;

/**
 * A program that registers a node, takes a lock, and from then on writes under its token as fast as it is answered, whatever it knows of its turn's end: what was
 * applied is in the log, and what was refused because the turn was over is told beside it.
 */
final class PausedOwner {
    static final Duration TTL = Duration.ofSeconds(12);
    static final Directory LOG = Directory.of("/log");
    static final Directory REFUSED = Directory.of("/refused");

    private PausedOwner() {}

    public static void main(String[] args) throws InterruptedException {
        KvBackend backend = KvBackends.open(args[0]);
        NodeRegistry<NodeStatus> registry = NodeRegistry.tidbBinlog(backend);
        registry.register(
                NodeKinds.PUMPS,
                "p",
                NodeStatus.builder("p", "p:8250").alive(true).build(),
                RegistrationOptions.of(RegistrationMode.EPHEMERAL).withTtl(TTL));
        DistributedLock lock = DistributedLock.open(
                backend,
                CoordinationFixture.QUEUE,
                CoordinationOptions.defaults().withTtl(TTL));
        FencingToken token = lock.lock().token();
        for (int n = 0; ; n++) {
            try {
                Txn entry = Txn.builder()
                        .put(LOG.key("owner-" + n), Bytes.ofUtf8(Long.toString(token.revision())))
                        .build();
                Futures.await(backend.commit(token.guard(entry)));
            } catch (ConditionFailedException e) {
                if (token.isWhatFailed(e)) {
                    backend.put(REFUSED.key("owner"), Bytes.ofUtf8(Integer.toString(n)));
                }
            } catch (KvException e) {
                // The store is away, or nobody knows: the next write will tell.
            }
            Thread.sleep(20);
        }
    }
}
