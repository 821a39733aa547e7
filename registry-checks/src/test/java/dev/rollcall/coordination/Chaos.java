package dev.rollcall.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Txn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * A store that fails its clients at random, and a recorded history of what they write under tokens: turns that last and turns that are over alike, past what they
 * know of their end, through their own handle or another's. Each write has a key of its own, so that the log in the store also has those whose answers were
 * lost. In the log, in the order of revisions, no token may follow a later one.
 */
abstract class Chaos extends CoordinationFixture {
    private static final Directory LOG = Directory.of("/log");
    static final int CLIENTS = 4;

    final List<KvBackend> handles = new ArrayList<>();
    private final List<Attempt> history = new ArrayList<>();

    private record Attempt(long token, String name, CompletableFuture<Commit> write) {}

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
        String name = token.revision() + "-" + history.size();
        Txn entry = Txn.builder()
                .put(LOG.key(name), Bytes.ofUtf8(Long.toString(token.revision())))
                .build();
        history.add(new Attempt(token.revision(), name, by.commit(token.guard(entry))));
    }

    void eventuallyAllAnswered() {
        eventually(() -> assertThat(history).extracting(Attempt::write).allMatch(CompletableFuture::isDone));
    }

    private static boolean wasNotApplied(Throwable failure) {
        return Futures.unwrap(failure) instanceof KvException known && known.outcome() == Outcome.NOT_APPLIED;
    }

    /** The history and the log agree, and no two holders have both passed. */
    void judge() throws InterruptedException {
        List<KeyValue> log = Futures.await(observer.list(LOG)).entries().stream()
                .sorted(Comparator.comparingLong(KeyValue::revision))
                .toList();
        List<Long> tokens =
                log.stream().map(entry -> Long.parseLong(entry.value().utf8())).toList();
        assertThat(tokens).as("tokens in the order of the writes they guarded").isSorted();
        Map<String, Long> revisions = new HashMap<>();
        log.forEach(entry -> revisions.put(entry.key().name(), entry.revision()));
        for (Attempt attempt : history) {
            Long applied = revisions.get(attempt.name());
            if (!attempt.write().isCompletedExceptionally()) {
                assertThat(applied)
                        .as("the acknowledged write %s", attempt.name())
                        .isEqualTo(attempt.write().join().revision());
            } else if (attempt.write()
                    .handle((commit, failure) -> wasNotApplied(failure))
                    .join()) {
                assertThat(applied)
                        .as("the write %s, which was not applied", attempt.name())
                        .isNull();
            }
            if (applied != null) {
                assertThat(applied).isGreaterThan(attempt.token());
            }
        }
        // Or this has shown nothing.
        assertThat(tokens.stream().distinct().count()).isGreaterThan(2);
        assertThat(history).extracting(Attempt::write).anyMatch(CompletableFuture::isCompletedExceptionally);
    }
}
