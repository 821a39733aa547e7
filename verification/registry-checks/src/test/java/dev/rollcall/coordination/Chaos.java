package dev.rollcall.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.tck.nemesis.GuardedLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * A store that fails its clients at random, and a recorded history of what they write under tokens: turns that last and turns that are over alike, past what they
 * know of their end, through their own handle or another's. Each write has a key of its own, so that the log in the store also has those whose answers were
 * lost; see {@link GuardedLog} for what is judged.
 */
abstract class Chaos extends CoordinationFixture {
    static final int CLIENTS = 4;

    final List<KvBackend> handles = new ArrayList<>();
    private final GuardedLog log = new GuardedLog(Directory.of("/guarded"));
    private final List<CompletableFuture<Commit>> writes = new ArrayList<>();

    /**
     * Whether time is the test's. Only then can leases be ended without their holder's clock: on a real server the holder learns it last, which no clock can
     * mend.
     */
    boolean isVirtual() {
        return false;
    }

    /** Lets some time pass. */
    private void pass(Duration time) {
        if (isVirtual()) {
            store.advance(time);
            // So that what that has set off on other threads has a chance to come in between.
            CompletableFuture.runAsync(() -> {}).join();
        } else {
            await().pollDelay(time).atMost(time.plusSeconds(60)).until(() -> true);
        }
    }

    void disturb(Random random) {
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
                if (isVirtual()) {
                    store.expireLeases(victim);
                }
            }
            case 6 -> pass(Duration.ofMillis(random.nextInt(3_000)));
            default -> pass(Duration.ofMillis(random.nextInt(200)));
        }
    }

    void calmDown() {
        handles.forEach(store::heal);
        handles.forEach(store::resume);
    }

    /** Writes under a token, whoever holds by now. */
    void append(FencingToken token, KvBackend by) {
        writes.add(log.append(token, by));
    }

    void eventuallyAllAnswered() {
        eventually(() -> assertThat(writes).allMatch(CompletableFuture::isDone));
    }

    /** The history and the log agree, and no two holders have both passed. */
    void judge() throws InterruptedException {
        assertThat(log.judge(observer)).isEmpty();
        // Or this has shown nothing.
        assertThat(log.turns()).isGreaterThan(2);
        assertThat(log.refusals()).isPositive();
    }
}
