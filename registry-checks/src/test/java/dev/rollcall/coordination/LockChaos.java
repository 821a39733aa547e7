package dev.rollcall.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Txn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * Clients that want one lock, and a store that fails them at random. Every turn, also one that is over, writes again and again to a log in the
 * store, guarded by its token; each write has a key of its own, so that the log also has those whose answers were lost. In the log, in the
 * order of revisions, no turn may follow a later one; and no two turns may look held at once.
 */
abstract class LockChaos extends CoordinationFixture {
    private static final Directory LOG = Directory.of("/log");
    private static final int CLIENTS = 4;

    private final List<KvBackend> handles = new ArrayList<>();
    private final List<DistributedLock> locks = new ArrayList<>();
    private final List<CompletableFuture<LockHold>> turns = new ArrayList<>();
    private final List<LockHold> holds = new ArrayList<>();
    private final List<CompletableFuture<Commit>> writes = new ArrayList<>();

    /** Whether leases can be ended without their holder's clock. On a real server the holder then learns it last, which no clock can mend. */
    boolean expiresAtOnce() {
        return false;
    }

    /** Lets some time pass. */
    void pass(Duration time) {
        await().pollDelay(time).atMost(time.plusSeconds(60)).until(() -> true);
    }

    void run(long seed, int steps) throws InterruptedException {
        Random random = new Random(seed);
        for (int i = 0; i < CLIENTS; i++) {
            handles.add(store.open());
            locks.add(lock(handles.get(i), brief()));
        }
        for (int step = 0; step < steps; step++) {
            disturb(random);
            use(random, step);
            collect();
            noTwoAreHeld();
        }
        handles.forEach(store::heal);
        handles.forEach(store::resume);
        settle();
        // Whatever chance has left undone: turns that pass, each while those before try in vain.
        for (int step = steps; step < steps + 3; step++) {
            LockHold turn = held(locks.get(step % CLIENTS).acquire());
            holds.add(turn);
            for (LockHold hold : holds) {
                append(hold, observer, step);
            }
            eventually(() -> assertThat(writes).allMatch(CompletableFuture::isDone));
            turn.close();
        }
        judge();
    }

    private void disturb(Random random) {
        KvBackend victim = handles.get(random.nextInt(CLIENTS));
        switch (random.nextInt(16)) {
            case 0 -> store.cut(victim);
            case 1, 7, 8 -> handles.forEach(store::heal);
            case 2 -> {
                store.pause(victim);
                pass(Duration.ofMillis(random.nextInt(4_000)));
                store.resume(victim);
            }
            case 3 -> store.loseNextAnswer(victim);
            case 4 -> store.dropNextRequest(victim);
            case 5 -> {
                if (expiresAtOnce()) {
                    store.expireLeases(victim);
                }
            }
            case 6 -> pass(Duration.ofMillis(random.nextInt(3_000)));
            default -> pass(Duration.ofMillis(random.nextInt(200)));
        }
    }

    private void use(Random random, int step) {
        switch (random.nextInt(4)) {
            case 0 -> turns.add(locks.get(random.nextInt(CLIENTS)).acquire());
            case 1 -> {
                if (random.nextInt(3) == 0 && !turns.isEmpty()) {
                    turns.get(random.nextInt(turns.size())).cancel(false);
                }
            }
            case 2 -> holds.stream().filter(LockHold::isHeld).findFirst().ifPresent(LockHold::close);
            default -> {}
        }
        // Those whose turn is over try as well; that is the point.
        for (LockHold hold : holds.subList(Math.max(0, holds.size() - 3), holds.size())) {
            append(hold, handles.get(random.nextInt(CLIENTS)), step);
        }
    }

    /** Writes past the hold's own knowledge of its end, from its own handle or another. */
    private void append(LockHold hold, KvBackend by, int step) {
        long token = hold.token().revision();
        Txn entry = Txn.builder()
                .put(LOG.key(token + "-" + step), Bytes.ofUtf8(Long.toString(token)))
                .build();
        writes.add(by.commit(hold.token().guard(entry)));
    }

    private void collect() {
        turns.removeIf(turn -> {
            if (turn.isDone() && !turn.isCompletedExceptionally()) {
                holds.add(turn.join());
            }
            return turn.isDone();
        });
        holds.sort(Comparator.comparingLong(hold -> hold.token().revision()));
    }

    private void noTwoAreHeld() {
        for (LockHold one : holds) {
            if (one.isHeld()) {
                List<LockHold> others = holds.stream()
                        .filter(other -> other != one && other.isHeld())
                        .toList();
                // Held before and after: in between as well, since what has ended never comes back.
                assertThat(one.isHeld() ? others : List.of())
                        .as("held together with %s", one)
                        .isEmpty();
            }
        }
    }

    private void settle() {
        eventually(() -> {
            collect();
            noTwoAreHeld();
            holds.stream().filter(LockHold::isHeld).findFirst().ifPresent(LockHold::close);
            assertThat(turns).isEmpty();
        });
        holds.forEach(LockHold::close);
        eventuallyQueued(0);
        eventually(() -> assertThat(writes).allMatch(CompletableFuture::isDone));
    }

    private void judge() throws InterruptedException {
        List<Long> tokens = Futures.await(observer.list(LOG)).entries().stream()
                .sorted(Comparator.comparingLong(KeyValue::revision))
                .map(entry -> Long.parseLong(entry.value().utf8()))
                .toList();
        assertThat(tokens).as("tokens in the order of the writes they guarded").isSorted();
        // Or this has shown nothing.
        assertThat(tokens.stream().distinct().count()).isGreaterThan(2);
        assertThat(writes).anyMatch(CompletableFuture::isCompletedExceptionally);
    }
}
