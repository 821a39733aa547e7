package dev.rollcall.benchmarks.stores;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** jetcd as its users use it. */
final class JetcdContender implements Contender {
    private static final int LARGEST_ANSWER = 256 * 1024 * 1024;

    private final Client client;
    private final KV kv;
    private final String directory;
    private final Set<Integer> lists = new HashSet<>();
    private final ByteSequence prefix;
    private final AtomicLong written = new AtomicLong();
    private ByteSequence[] keys = {};
    private AtomicLongArray revisions = new AtomicLongArray(0);

    JetcdContender(String address, String directory) {
        this.client = Client.builder()
                .endpoints("http://" + address)
                .maxInboundMessageSize(LARGEST_ANSWER)
                .build();
        this.kv = client.getKVClient();
        this.directory = directory;
        this.prefix = ByteSequence.from(directory + "/entries/", UTF_8);
    }

    @Override
    public String name() {
        return "jetcd";
    }

    @Override
    public void fill(int count, byte[] value) throws Exception {
        if (keys.length == count) {
            return;
        }
        keys = new ByteSequence[count];
        revisions = new AtomicLongArray(count);
        for (int i = 0; i < count; i++) {
            keys[i] = prefix.concat(ByteSequence.from(KeyNames.of(i), UTF_8));
        }
        BenchmarkLoad.run(count, 256, i -> put(i, value));
    }

    private void committed(int key, long revision) {
        revisions.set(key, revision);
        written.accumulateAndGet(revision, Math::max);
    }

    @Override
    public CompletableFuture<?> get(int key) {
        return kv.get(keys[key]);
    }

    @Override
    public CompletableFuture<?> put(int key, byte[] value) {
        return kv.put(keys[key], ByteSequence.from(value))
                .thenAccept(done -> committed(key, done.getHeader().getRevision()));
    }

    @Override
    public CompletableFuture<?> compareAndSet(int key, byte[] value) {
        return kv.txn()
                .If(new Cmp(keys[key], Cmp.Op.EQUAL, CmpTarget.modRevision(revisions.get(key))))
                .Then(Op.put(keys[key], ByteSequence.from(value), PutOption.DEFAULT))
                .commit()
                .thenAccept(done -> {
                    if (!done.isSucceeded()) {
                        throw new IllegalStateException("The compare-and-set of " + key + " was refused.");
                    }
                    committed(key, done.getHeader().getRevision());
                });
    }

    @Override
    public void fillList(int size, byte[] value) throws Exception {
        if (lists.add(size)) {
            ByteSequence listed = listed(size);
            ByteSequence bytes = ByteSequence.from(value);
            BenchmarkLoad.run(size, 256, i -> kv.put(listed.concat(ByteSequence.from(KeyNames.of(i), UTF_8)), bytes));
        }
    }

    private ByteSequence listed(int size) {
        return ByteSequence.from(directory + "/list-" + size + "/", UTF_8);
    }

    @Override
    public int list(int size) throws Exception {
        return kv.get(listed(size), GetOption.builder().isPrefix(true).build())
                .get(60, TimeUnit.SECONDS)
                .getKvs()
                .size();
    }

    @Override
    public Observation observe() throws Exception {
        BenchmarkProgress progress = new BenchmarkProgress();
        BenchmarkProgress created = new BenchmarkProgress();
        Watch.Watcher watcher = client.getWatchClient()
                .watch(
                        prefix,
                        WatchOption.builder()
                                .isPrefix(true)
                                .withCreateNotify(true)
                                .build(),
                        Watch.listener(response -> {
                            created.reached(1);
                            response.getEvents()
                                    .forEach(event ->
                                            progress.reached(event.getKeyValue().getModRevision()));
                        }));
        created.await(1);
        return new Observation() {
            @Override
            public void awaitAll() throws Exception {
                progress.await(written.get());
            }

            @Override
            public void close() {
                watcher.close();
            }
        };
    }

    @Override
    public DirectoryWatches watches() {
        return new JetcdWatches(client, directory);
    }

    /** Leases of the same client. */
    ContenderLeases leases() {
        return new JetcdLeases(client);
    }

    /** The same keys, many in a request. */
    Packed packed() {
        return new JetcdPacked(kv, keys);
    }

    @Override
    public void close() {
        client.close();
    }
}
