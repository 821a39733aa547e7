package dev.rollcall.tck.nemesis;

import static java.util.Objects.requireNonNull;

import dev.rollcall.coordination.FencingToken;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The writes of turns of a lock, or terms of a leader, under their tokens, and the judgement on them. Each write has a key of its own, so that the log in
 * the store also has those whose replies were lost. In revision order, tokens must never decrease; and a counter that each holder increments under the
 * guard alone must lose no step.
 */
/*
 * Concurrency: the queue of attempts is safe, everything below it belongs to the thread that judges.
 */
public final class GuardedLog {
    private static final Comparator<Entry> ORDER =
            Comparator.comparingLong(Entry::revision).thenComparingLong(Entry::token);
    private static final int DELETED_AT_ONCE = 50;
    private static final long UNKNOWN = -1;

    private record Attempt(long token, String name, CompletableFuture<Commit> write) {}

    /** A write that was applied; count is negative if it left the counter alone. */
    private record Entry(Key key, long revision, long token, long count) {
        static Entry of(KeyValue found) {
            String[] words = found.value().utf8().split(" ", -1);
            return new Entry(
                    found.key(),
                    found.revision(),
                    Long.parseLong(words[0]),
                    words.length > 1 ? Long.parseLong(words[1]) : -1);
        }
    }

    private final Directory log;
    private final Key counter;
    private final AtomicLong names = new AtomicLong();
    private final Queue<Attempt> attempts = new ConcurrentLinkedQueue<>();

    /** Attempts that were not judged yet. */
    private final List<Attempt> open = new ArrayList<>();
    /** Writes that were judged, whose attempts were not. */
    private final Map<String, Long> applied = new HashMap<>();
    /** Writes that must never be seen. */
    private final Set<String> refused = new HashSet<>();

    private final Set<Long> tokens = new HashSet<>();
    private long judgedUpTo;
    private long lastToken;
    /** What the counter was last; UNKNOWN after somebody has taken it away. */
    private long lastCount;
    /** Turns up to this token may have lost entries, or read the counter before it was taken away. */
    private long lossesUpTo;

    /** A log in a directory of its own, which is empty. */
    public GuardedLog(Directory directory) {
        log = requireNonNull(directory, "directory").directory("log");
        counter = directory.key("counter");
    }

    /** Writes under a token, through any handle, whoever has the turn by now. */
    public CompletableFuture<Commit> append(FencingToken token, KvBackend by) {
        requireNonNull(by, "by");
        return append(token, null, write -> by.commit(token.guard(write)));
    }

    /**
     * Moves the counter on, under the guard of {@code guarded} and no other condition. Right only if whoever calls it has the turn, has read
     * the counter in it, and has had an answer to each earlier write that left no doubt.
     *
     * @param count what the counter is to become
     * @param guarded commits a transaction under the guard of {@code token}
     */
    CompletableFuture<Commit> count(FencingToken token, long count, Function<Txn, CompletableFuture<Commit>> guarded) {
        return append(token, count, guarded);
    }

    private CompletableFuture<Commit> append(
            FencingToken token, @Nullable Long count, Function<Txn, CompletableFuture<Commit>> guarded) {
        String name = token.revision() + "-" + names.incrementAndGet();
        String text = token.revision() + (count == null ? "" : " " + count);
        Txn.Builder write = Txn.builder().put(log.key(name), Bytes.ofUtf8(text));
        if (count != null) {
            write.put(counter, Bytes.ofUtf8(count.toString()));
        }
        CompletableFuture<Commit> answer = guarded.apply(write.build());
        attempts.add(new Attempt(token.revision(), name, answer));
        return answer;
    }

    /** Reads the counter. */
    CompletableFuture<Long> counter(KvBackend by) {
        return Futures.map(
                by.get(counter),
                found ->
                        found.value().map(value -> Long.parseLong(value.utf8())).orElse(0L));
    }

    /** How many turns wrote something, as far as was judged. */
    public int turns() {
        return tokens.size();
    }

    /** How many writes were refused, as far as was judged. */
    public int refusals() {
        return refused.size();
    }

    /**
     * Judges what has been answered and what the store has, since the last time; others may go on meanwhile. Calls must not overlap.
     *
     * @param by reads the log
     * @return what is wrong, in sentences; empty if nothing is
     * @throws KvException if the log cannot be read; then it may be tried again
     */
    public List<String> judge(KvBackend by) throws InterruptedException {
        for (Attempt next = attempts.poll(); next != null; next = attempts.poll()) {
            open.add(next);
        }
        // Only what was answered before the log is read has to be in it.
        List<Attempt> due =
                open.stream().filter(attempt -> attempt.write().isDone()).toList();
        Snapshot listed = Futures.await(by.list(log));
        List<String> wrong = new ArrayList<>();
        List<Entry> entries = listed.entries().stream()
                .filter(entry -> entry.revision() > judgedUpTo)
                .map(Entry::of)
                .sorted(ORDER)
                .toList();
        entries.forEach(entry -> judge(entry, wrong));
        judgedUpTo = listed.revision();
        due.forEach(attempt -> judge(attempt, wrong));
        open.removeAll(due);
        return wrong;
    }

    private void judge(Entry entry, List<String> wrong) {
        String name = entry.key().name();
        if (entry.token() < lastToken) {
            wrong.add("the write " + name + " under token " + entry.token() + " was applied at revision "
                    + entry.revision() + ", after one under token " + lastToken);
        }
        if (entry.revision() <= entry.token()) {
            wrong.add("the write " + name + " was applied at revision " + entry.revision() + ", before its token");
        }
        boolean counts = entry.count() >= 0;
        boolean sure = entry.token() > lossesUpTo;
        if (counts && sure && lastCount != UNKNOWN && entry.count() != lastCount + 1) {
            wrong.add("the write " + name + " at revision " + entry.revision() + " moved the counter from " + lastCount
                    + " to " + entry.count());
        }
        if (refused.contains(name)) {
            wrong.add("WRITE-8, the write " + name + " was not applied, and is there at revision " + entry.revision());
        }
        lastToken = Math.max(lastToken, entry.token());
        if (counts) {
            lastCount = sure ? entry.count() : UNKNOWN;
        }
        tokens.add(entry.token());
        applied.put(name, entry.revision());
    }

    private void judge(Attempt attempt, List<String> wrong) {
        Long revision = applied.remove(attempt.name());
        if (!attempt.write().isCompletedExceptionally()) {
            long acknowledged = attempt.write().join().revision();
            boolean taken = revision == null && attempt.token() <= lossesUpTo;
            if (!taken && (revision == null || revision != acknowledged)) {
                wrong.add("WRITE-1, the write " + attempt.name() + " was acknowledged at revision " + acknowledged
                        + ", and the log has it at " + revision);
            }
        } else if (wasNotApplied(attempt.write())) {
            refused.add(attempt.name());
            if (revision != null) {
                wrong.add("WRITE-6, the write " + attempt.name() + " was not applied, and is there at revision "
                        + revision);
            }
        }
    }

    private static boolean wasNotApplied(CompletableFuture<Commit> write) {
        return write.handle((commit, failure) -> failure != null
                        && Futures.unwrap(failure) instanceof KvException known
                        && known.outcome() == Outcome.NOT_APPLIED)
                .join();
    }

    /** Somebody else has taken entries away: what turns up to this revision wrote may be gone, and so may the counter be. Called like {@link #judge}. */
    void entriesStay(long revision) {
        lossesUpTo = revision;
        lastCount = UNKNOWN;
    }

    /** Deletes what has been judged, so that the log stays small; as far as the store lets it. */
    void trim(KvBackend by) throws InterruptedException {
        try {
            List<Key> old = Futures.await(by.list(log)).entries().stream()
                    .filter(entry -> entry.revision() <= judgedUpTo)
                    .map(KeyValue::key)
                    .toList();
            for (int from = 0; from < old.size(); from += DELETED_AT_ONCE) {
                Txn.Builder txn = Txn.builder();
                old.subList(from, Math.min(old.size(), from + DELETED_AT_ONCE)).forEach(txn::delete);
                Futures.await(by.commit(txn.build()));
            }
        } catch (KvException e) {
            // The next time, then.
            return;
        }
    }
}
