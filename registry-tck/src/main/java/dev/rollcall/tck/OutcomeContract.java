package dev.rollcall.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The outcome of failed writes, when requests and replies are lost. */
public interface OutcomeContract extends Contract {
    /** If this fails with NOT_APPLIED: the code maps a broken connection to "not sent". Only what never left the process is that. */
    @Test
    @Rule({"WRITE-6", "WRITE-7"})
    @Needs(Hook.LOSE_ANSWER)
    default void writeWhoseAnswerIsLostIsUnknownAndAppliedOnce(Kit kit) {
        KvBackend mine = kit.backend();
        KvBackend other = kit.open();
        RecordingListener witness = kit.watching(other);
        kit.put(kit.key("warm"), "up");
        kit.proves("WRITE-6");
        for (int i = 0; i < 5; i++) {
            Key key = kit.key("lost-" + i);
            kit.store().loseNextAnswer(kit.handle(mine));
            CompletableFuture<Commit> write = mine.put(key, Bytes.ofUtf8("once"));
            // A backend that can find out afterwards may say that it was applied; it may not say that it was not.
            if (kit.succeeded(write)) {
                assertThat(kit.await(other.get(key)).entry())
                        .hasValueSatisfying(entry -> assertThat(entry.revision())
                                .as("the revision of a write whose answer was lost")
                                .isEqualTo(write.join().revision()));
            } else {
                KvException failure = FaultSteps.failureInTime(kit, write);
                assertThat(failure.outcome())
                        .as("the outcome of a write that was applied and whose answer was lost")
                        .isEqualTo(Outcome.UNKNOWN);
                assertThat(failure.isRetryable())
                        .as("whether a write of unknown outcome may be repeated blindly")
                        .isFalse();
            }
            assertThat(kit.read(other, key))
                    .as("the value, read by another handle")
                    .isEqualTo("once");
            FaultSteps.awaitReachable(kit, mine);
            // Gone for good: a second application would bring it back.
            kit.await(other.delete(key));
        }
        kit.elapse(kit.fixture().deadline());
        kit.fence(witness);
        for (int i = 0; i < 5; i++) {
            if (kit.await(other.get(kit.key("lost-" + i))).isPresent()) {
                throw new RuleViolation(
                        "WRITE-7",
                        "A write of " + kit.key("lost-" + i)
                                + " was applied, its answer was lost, the key was deleted, and"
                                + " now it is back: the write was sent again.");
            }
        }
    }

    @Test
    @Rule({"WRITE-6", "WRITE-7", "WRITE-8"})
    @Needs(Hook.DROP_REQUEST)
    default void writeThatIsLostOnItsWayIsAppliedOnceOrNever(Kit kit) {
        KvBackend mine = kit.backend();
        KvBackend other = kit.open();
        RecordingListener witness = kit.watching(other);
        kit.put(kit.key("warm"), "up");
        List<String> applied = new ArrayList<>();
        List<String> denied = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Key key = kit.key("dropped-" + i);
            kit.store().dropNextRequest(kit.handle(mine));
            CompletableFuture<Commit> put = mine.put(key, Bytes.ofUtf8("dropped"));
            FaultSteps.endsInTime(kit, put);
            // Only who is sure that nothing of it has arrived may send it again. Whatever else it says, UNKNOWN or
            // NOT_APPLIED, it has no effect and must not have one later.
            if (!put.isCompletedExceptionally()) {
                applied.add(key.path());
            } else if (Kit.notApplied(kit.failure(put))) {
                denied.add(key.path());
            }
            FaultSteps.awaitReachable(kit, mine);
        }
        kit.elapse(kit.fixture().deadline());
        kit.fence(witness);
        kit.proves("WRITE-8");
        assertThat(witness.changes())
                .extracting(change -> change.key().path())
                .as("what was seen of writes that had said NOT_APPLIED")
                .noneMatch(denied::contains);
        kit.proves("WRITE-7");
        assertThat(witness.changes())
                .extracting(change -> change.key().path())
                .filteredOn(path -> path.contains("dropped"))
                .as("what was seen of writes that were lost on their way, of which these were acknowledged")
                .containsExactlyElementsOf(applied);
        assertThat(kit.list(other, kit.dir()).entries().keySet())
                .extracting(Key::path)
                .filteredOn(path -> path.contains("dropped"))
                .containsExactlyElementsOf(applied);
    }

    @Test
    @Rule({"WRITE-6", "WRITE-8", "ERR-6"})
    @Needs(Hook.CUT)
    default void writesOfACutHandleThatSayNotAppliedNeverShow(Kit kit) {
        KvBackend mine = kit.backend();
        KvBackend other = kit.open();
        RecordingListener witness = kit.watching(other);
        kit.put(mine, kit.key("warm"), "up");
        kit.store().cut(kit.handle(mine));
        Map<Key, CompletableFuture<Commit>> writes = new LinkedHashMap<>();
        for (int i = 0; i < 20; i++) {
            Key key = kit.key("cut-" + i);
            writes.put(key, mine.put(key, Bytes.ofUtf8("v")));
        }
        List<Key> notApplied = new ArrayList<>();
        kit.proves("ERR-6");
        writes.forEach((key, write) -> {
            if (Kit.notApplied(FaultSteps.failureInTime(kit, write))) {
                notApplied.add(key);
            }
        });
        kit.store().heal(kit.handle(mine));
        FaultSteps.awaitReachable(kit, mine);
        kit.elapse(kit.fixture().deadline());
        kit.proves("WRITE-8");
        kit.fence(witness);
        assertThat(kit.list(other, kit.dir()).entries().keySet())
                .as("keys whose writes had said NOT_APPLIED")
                .noneMatch(notApplied::contains);
        assertThat(witness.changes()).extracting(Change::key).noneMatch(notApplied::contains);
    }

    /** If this fails: something below retries what it has sent, for instance a client library's own retry policy. */
    @Test
    @Rule({"WRITE-6", "WRITE-7", "WRITE-8", "WRITE-1"})
    @Needs(Hook.CUT)
    default void writesDuringCutsAreAppliedAtMostOnceAndSayWhatBecameOfThem(Kit kit) {
        KvBackend mine = kit.backend();
        KvBackend other = kit.open();
        RecordingListener witness = kit.watching(other);
        kit.put(mine, kit.key("warm"), "up");
        Map<Key, CompletableFuture<Commit>> writes = new LinkedHashMap<>();
        for (int round = 0; round < 6; round++) {
            for (int i = 0; i < 25; i++) {
                Key key = kit.key("w-" + round + "-" + i);
                writes.put(key, mine.put(key, Bytes.ofUtf8("v")));
                if (i == 12) {
                    kit.store().cut(kit.handle(mine));
                }
            }
            kit.store().heal(kit.handle(mine));
            FaultSteps.awaitReachable(kit, mine);
        }
        kit.eventually(
                "LIFE-1",
                "every write ends within its deadline",
                () -> writes.values().stream().allMatch(CompletableFuture::isDone));
        kit.elapse(kit.fixture().deadline());
        kit.fence(witness);
        Cut truth = kit.list(other, kit.dir());
        Map<Key, Long> times = new LinkedHashMap<>();
        witness.changes().forEach(change -> times.merge(change.key(), 1L, Long::sum));
        writes.forEach((key, write) -> {
            kit.proves("WRITE-7");
            assertThat(times.getOrDefault(key, 0L))
                    .as("how often the one write of %s was applied", key)
                    .isLessThanOrEqualTo(1);
            kit.proves("WRITE-1");
            if (kit.succeeded(write)) {
                assertThat(truth.entry(key).revision())
                        .as("the revision of %s, whose writer was told another", key)
                        .isEqualTo(kit.await(write).revision());
            } else if (Kit.notApplied(kit.failure(write))) {
                kit.proves("WRITE-8");
                assertThat(truth.entries())
                        .as("a write that had said NOT_APPLIED")
                        .doesNotContainKey(key);
            }
        });
    }
}
