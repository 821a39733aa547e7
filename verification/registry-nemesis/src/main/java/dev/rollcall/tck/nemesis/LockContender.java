package dev.rollcall.tck.nemesis;

import dev.rollcall.coordination.DistributedLock;
import dev.rollcall.coordination.FencingToken;
import dev.rollcall.coordination.HoldEnd;
import dev.rollcall.coordination.LockHold;
import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.UnavailableException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Takes the lock again and again. In its turn it increments the counter; afterwards it goes on writing under the tokens of its last turns, as a holder
 * would that had been paused: the guard has to refuse these writes.
 */
/* Concurrency: confined to its thread, but writes, which anyone reads. */
final class LockContender implements Crew.Work {
    /**
     * What is contended for.
     *
     * @param locks the lock, on each handle
     * @param log where it is written under its guard
     * @param holds its turns
     */
    record Contest(List<DistributedLock> locks, GuardedLog log, Holds holds) {}

    private static final int OLD_TOKENS = 3;
    private static final int MOST_COUNTS = 6;
    private static final int MOST_PAUSE_MILLIS = 60;
    private static final int MOST_LONG_PAUSE_MILLIS = 2_500;
    private static final int MOST_PATIENCE_MILLIS = 1_000;
    private static final Duration LOOK = Duration.ofMillis(200);

    private final String name;
    private final Setting setting;
    private final KvBackend handle;
    private final DistributedLock lock;
    private final GuardedLog log;
    private final Holds holds;
    private final Crew crew;
    private final Tally tally;
    private final Random random;
    private final Deque<FencingToken> tokens = new ArrayDeque<>();
    private final AtomicInteger writes = new AtomicInteger();

    /** A contender that has not begun, on the handle of its number. */
    LockContender(int number, Setting setting, Contest contest, Crew crew) {
        this.name = "contender " + number;
        this.setting = setting;
        this.handle = setting.handle(number);
        this.lock = contest.locks().get(number % contest.locks().size());
        this.log = contest.log();
        this.holds = contest.holds();
        this.crew = crew;
        this.tally = setting.tally();
        this.random = new Random(setting.seed() * 31 + number);
    }

    /** How many of its writes were acknowledged. */
    int writes() {
        return writes.get();
    }

    @Override
    public void once() throws InterruptedException {
        crew.pause(random.nextInt(MOST_PAUSE_MILLIS));
        long floor = holds.latestToken();
        LockHold hold = acquire();
        if (hold != null) {
            try (hold) {
                tally.turns.incrementAndGet();
                holds.begin(name, hold, floor, this::isOver);
                count(hold);
                end(hold);
            }
            remember(hold.token());
        }
        for (FencingToken old : tokens) {
            tooLate(old);
        }
    }

    private @Nullable LockHold acquire() throws InterruptedException {
        if (random.nextInt(4) == 0) {
            try {
                return lock.tryLock(Duration.ofMillis(1 + random.nextInt(MOST_PATIENCE_MILLIS)))
                        .orElse(null);
            } catch (UnavailableException | AccessDeniedException e) {
                // The store is away or closed to us, and nobody can say who has the lock.
                return null;
            }
        }
        CompletableFuture<LockHold> turn = lock.acquire();
        while (!crew.isOver()) {
            try {
                return Futures.await(turn, LOOK);
            } catch (AccessDeniedException e) {
                return null;
            } catch (TimeoutException e) {
                // Others have it. However long that takes, it is no fault until all has healed.
                continue;
            }
        }
        turn.cancel(false);
        return null;
    }

    private void count(LockHold hold) throws InterruptedException {
        int counts = 1 + random.nextInt(MOST_COUNTS);
        for (int i = 0; i < counts && hold.isHeld() && !crew.isOver(); i++) {
            Optional<Long> read = crew.answer("a read of the counter", log.counter(handle));
            if (read.isPresent() && !move(hold, read.get() + 1)) {
                return;
            }
            crew.pause(random.nextInt(random.nextInt(30) == 0 ? MOST_LONG_PAUSE_MILLIS : MOST_PAUSE_MILLIS));
        }
    }

    /** Moves the counter on; false if no more must be written in this turn, because it is over or nobody knows what became of this. */
    private boolean move(LockHold hold, long count) throws InterruptedException {
        try {
            CompletableFuture<Commit> write = random.nextBoolean()
                    ? log.count(hold.token(), count, hold::commit)
                    : log.count(
                            hold.token(),
                            count,
                            txn -> handle.commit(hold.token().guard(txn)));
            Futures.await(write);
            tally.guarded.incrementAndGet();
            writes.incrementAndGet();
            return true;
        } catch (ConditionFailedException e) {
            tally.refused.incrementAndGet();
            holds.refused(name, hold);
            return false;
        } catch (KvException e) {
            return e.outcome() == Outcome.NOT_APPLIED;
        }
    }

    private void end(LockHold hold) throws InterruptedException {
        if (random.nextBoolean()) {
            crew.answer("a release by " + name, Futures.map(hold.release(), nothing -> true));
        } else {
            hold.close();
        }
        crew.answer("ended() of a turn that is over", hold.ended().toCompletableFuture())
                .filter(end -> end == HoldEnd.LOST)
                .ifPresent(lost -> tally.turnsLost.incrementAndGet());
        holds.end(hold);
    }

    /** Asks until the store answers, or the run is over. */
    private boolean isOver(FencingToken token) throws InterruptedException {
        do {
            try {
                Futures.await(log.append(token, handle));
                return false;
            } catch (ConditionFailedException e) {
                return true;
            } catch (KvException e) {
                crew.pause(MOST_PAUSE_MILLIS);
            }
        } while (!crew.isOver());
        return false;
    }

    private void remember(FencingToken token) {
        tokens.add(token);
        if (tokens.size() > OLD_TOKENS) {
            tokens.remove();
        }
    }

    private void tooLate(FencingToken old) throws InterruptedException {
        try {
            Futures.await(log.append(old, setting.handle(random.nextInt(Integer.MAX_VALUE))));
        } catch (ConditionFailedException e) {
            tally.refused.incrementAndGet();
        } catch (KvException e) {
            // The log will show what became of it.
            return;
        }
    }
}
