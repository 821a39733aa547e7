package dev.rollcall.inmemory;

import static dev.rollcall.kv.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.tck.KitSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random scripts, judged by a map that is as simple as can be; and watches, judged by lists at the revisions that they claim to be at. */
class ModelTest {
    private static final List<Directory> DIRECTORIES =
            List.of(Directory.ROOT, Directory.of("/a"), Directory.of("/a/b"), Directory.of("/ab"));
    private static final List<String> PARENTS = List.of("/a", "/a/b", "/ab", "/c");

    private final TreeMap<Key, KeyValue> entries = new TreeMap<>();
    private final Map<Key, Lease> leases = new HashMap<>();
    private long revision;

    private static Key key(Random random) {
        return Key.of(PARENTS.get(random.nextInt(PARENTS.size())) + "/k" + random.nextInt(6));
    }

    /** Applies one random transaction to both, and says whether it failed in both. */
    private void step(Random random, InMemoryBackend backend, List<Lease> held) throws InterruptedException {
        Map<Key, Integer> written = new TreeMap<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            written.put(key(random), random.nextInt(4));
        }
        Txn.Builder txn = Txn.builder();
        Key tested = key(random);
        KeyValue found = entries.get(tested);
        boolean fails = false;
        switch (random.nextInt(6)) {
            case 0 -> {
                txn.ifAbsent(tested);
                fails = found != null;
            }
            case 1 -> {
                txn.ifPresent(tested);
                fails = found == null;
            }
            case 2 -> {
                long expected = found == null || random.nextBoolean() ? 1 + random.nextInt(500) : found.revision();
                txn.ifRevision(tested, expected);
                fails = found == null || found.revision() != expected;
            }
            default -> {}
        }
        Lease lease = held.get(random.nextInt(held.size()));
        Bytes value = Bytes.ofUtf8("v" + random.nextInt());
        written.forEach((key, kind) -> {
            switch (kind) {
                case 0 -> txn.delete(key);
                case 1 -> txn.put(key, value, lease);
                default -> txn.put(key, value);
            }
        });
        try {
            long got = await(backend.commit(txn.build())).revision();
            assertThat(fails).isFalse();
            if (written.entrySet().stream().anyMatch(e -> e.getValue() != 0 || entries.containsKey(e.getKey()))) {
                revision++;
            }
            assertThat(got).isEqualTo(revision);
            written.forEach((key, kind) -> model(key, kind, value, lease));
        } catch (ConditionFailedException e) {
            assertThat(fails).isTrue();
        }
    }

    private void model(Key key, int kind, Bytes value, Lease lease) {
        if (kind == 0) {
            entries.remove(key);
            leases.remove(key);
            return;
        }
        if (kind == 1) {
            leases.put(key, lease);
        }
        entries.put(key, new KeyValue(key, value, revision, leases.containsKey(key)));
    }

    private void expire(InMemoryBackend backend, Lease lease) {
        backend.faults().expire(lease);
        List<Key> gone = new ArrayList<>();
        leases.forEach((key, of) -> {
            if (of.equals(lease)) {
                gone.add(key);
            }
        });
        if (!gone.isEmpty()) {
            revision++;
        }
        gone.forEach(key -> {
            entries.remove(key);
            leases.remove(key);
        });
    }

    private List<KeyValue> list(Directory directory) {
        return entries.values().stream()
                .filter(entry -> directory.covers(entry.key()))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void behavesAsAMap(int run) throws InterruptedException {
        Random random = KitSettings.fromEnvironment().random("model " + run);
        InMemoryStore store =
                InMemoryStore.builder().time(new ManualTime()).historyLimit(20).build();
        try (InMemoryBackend backend = store.open();
                InMemoryBackend watcher = store.open()) {
            List<Lease> held = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                held.add(await(backend.grantLease(Duration.ofSeconds(10))));
            }
            List<Recorder> recorders = new ArrayList<>();
            for (Directory directory : DIRECTORIES) {
                Recorder recorder = new Recorder();
                recorders.add(recorder);
                watcher.watch(directory, WatchStart.snapshot(), recorder);
            }
            for (int i = 0; i < 1_500; i++) {
                if (random.nextInt(50) == 0) {
                    int which = random.nextInt(held.size());
                    expire(backend, held.get(which));
                    held.set(which, await(backend.grantLease(Duration.ofSeconds(10))));
                } else if (random.nextInt(60) == 0) {
                    watcher.faults().disconnect();
                } else if (random.nextInt(30) == 0) {
                    watcher.faults().reconnect();
                } else {
                    step(random, backend, held);
                }
                assertThat(store.revision()).isEqualTo(revision);
                for (Directory directory : DIRECTORIES) {
                    assertThat(await(backend.list(directory)).entries()).isEqualTo(list(directory));
                }
            }
            watcher.faults().reconnect();
            // One more write in every directory, so that there is a last revision to wait for.
            Txn.Builder last = Txn.builder();
            PARENTS.forEach(parent -> last.put(Key.of(parent + "/last"), Bytes.EMPTY));
            await(backend.commit(last.build()));
            for (int i = 0; i < recorders.size(); i++) {
                recorders.get(i).awaitRevision(store.revision());
                assertThat(recorders.get(i).state())
                        .isEqualTo(await(backend.list(DIRECTORIES.get(i))).entries());
                assertThat(recorders.get(i).ends()).isZero();
            }
        }
    }

    @Test
    void everyCutIsAStateThatTheStoreHad() throws Exception {
        InMemoryStore store = InMemoryStore.builder().time(new ManualTime()).build();
        Directory directory = Directory.of("/a");
        try (InMemoryBackend backend = store.open();
                InMemoryBackend watcher = store.open()) {
            Map<Long, List<KeyValue>> states = new HashMap<>();
            List<FoldedCuts> watches = new ArrayList<>();
            Random random = KitSettings.fromEnvironment().random("watches");
            for (int i = 0; i < 3_000; i++) {
                if (i % 100 == 0) {
                    FoldedCuts cuts = new FoldedCuts();
                    watches.add(cuts);
                    watcher.watch(directory, i % 200 == 0 ? WatchStart.snapshot() : WatchStart.after(0), cuts);
                }
                if (i % 37 == 0) {
                    watcher.faults().disconnect();
                } else if (i % 37 == 9) {
                    watcher.faults().reconnect();
                }
                await(backend.commit(Txn.builder()
                        .put(Key.of("/a/k" + random.nextInt(5)), Bytes.EMPTY)
                        .delete(Key.of("/a/x" + random.nextInt(5)))
                        .put(Key.of("/a/y/k" + random.nextInt(5)), Bytes.EMPTY)
                        .build()));
                states.put(store.revision(), await(backend.list(directory)).entries());
            }
            watcher.faults().reconnect();
            for (FoldedCuts cuts : watches) {
                cuts.awaitRevision(store.revision());
                assertThat(cuts.cuts()).isNotEmpty();
                cuts.cuts().forEach((at, entries) -> assertThat(entries).isEqualTo(states.getOrDefault(at, List.of())));
            }
        }
    }
}
