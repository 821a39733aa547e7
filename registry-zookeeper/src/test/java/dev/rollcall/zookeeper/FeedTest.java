package dev.rollcall.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What watches are told when answers and events come in the order that is worst for them. */
class FeedTest extends ScriptedFeed {
    /**
     * Brings a second watch to where the next answer it gets closes a moment that is past, since {@code x} has not changed after it, while
     * the first watch has been told of a change of {@code z} that came later.
     */
    private void beginLateAtAPassedMoment(Runnable changeOfZ) {
        begin(DIR);
        beginLateAtAPassedMoment(WatchStart.snapshot(), changeOfZ);
    }

    private void beginLateAtAPassedMoment(WatchStart start, Runnable changeOfZ) {
        handle.watch(DIR, start, late);
        server.put(Y, "new");
        server.put(Z, "new");
        server.answer(BARRIER);
        server.answer("/r/d/*");
        server.answer(Y);
        server.answer("/r", "/r/d", X, Y, Z);
        server.put(X, "new");
        server.answer(Z);
        server.answer(Y, Z);
        assertThat(server.underWay()).containsExactly(X + " " + Z, X);
        changeOfZ.run();
        server.answer(X, Z);
    }

    @Test
    void deletionIsNotToldAgainBecauseAnotherWatchBegins() {
        beginLateAtAPassedMoment(() -> server.delete(Z));
        awaitTold(early, "x=new", "y=new");
        server.answer(X);
        server.put(W, "last");
        server.answerAll();
        awaitTold(early, "w=last", "x=new", "y=new");
        awaitTold(late, "w=last", "x=new", "y=new");
        assertNothingWrong();
    }

    @Test
    void watchThatBeginsIsToldOfTheUpdateThatOthersHaveHeardOfAlready() {
        beginLateAtAPassedMoment(() -> server.put(Z, "newest"));
        awaitTold(early, "x=new", "y=new", "z=newest");
        server.answer(X);
        server.put(W, "last");
        server.answerAll();
        awaitTold(early, "w=last", "x=new", "y=new", "z=newest");
        awaitTold(late, "w=last", "x=new", "y=new", "z=newest");
        assertNothingWrong();
    }

    @Test
    void watchThatBeginsIsToldOfTheUpdateThatOthersHaveSeenAfterAReconnection() throws InterruptedException {
        begin(DIR);
        server.disconnect();
        server.delete(Y);
        server.connect();
        // Whether it is the same store still.
        server.answer(BARRIER);
        server.answer("/r");
        watch(DIR, late);
        server.answer(BARRIER);
        server.answer("/r/d/*");
        server.answer(BARRIER);
        server.answer("/r/d/*");
        server.put(X, "new");
        server.answer("/r", "/r/d", X, Z);
        server.put(Z, "new");
        server.answer("/r", "/r/d", X, Z);
        server.put(W, "new");
        server.answer(X);
        server.answer(X, Z);
        assertThat(server.underWay()).containsExactly(Z + " " + W, W);
        server.put(Z, "newest");
        server.answer(Z, W);
        awaitTold(early, "w=new", "x=new", "z=newest");
        server.answer(W);
        server.put("/r/d/u", "last");
        server.answerAll();
        awaitTold(early, "u=last", "w=new", "x=new", "z=newest");
        awaitTold(late, "u=last", "w=new", "x=new", "z=newest");
        assertNothingWrong();
    }

    /**
     * Lets the second watch begin while what the first one, around it, missed without a connection is about to be told as of an earlier
     * moment: {@code path} changes before and after that.
     */
    private void beginLateBeforeTheEarlyOneIsUpToDate(
            Runnable meanwhile, String path, Runnable before, Runnable after, String... left)
            throws InterruptedException {
        server.disconnect();
        meanwhile.run();
        server.connect();
        // Whether it is the same store still.
        server.answer(BARRIER);
        server.answer("/r");
        server.answer(BARRIER);
        server.answer("/r/*");
        server.answer("/r", "/r/d", "/r/e");
        watch(DIR, late);
        server.answer("/r/d/*");
        before.run();
        server.answer(BARRIER);
        server.answer("/r/d/*");
        server.answer(left);
        server.put("/r/e/v", "new");
        List<String> withAbove = new ArrayList<>(List.of("/r", "/r/d"));
        withAbove.addAll(List.of(left));
        server.answer(withAbove.toArray(String[]::new));
        server.answer(path);
        assertThat(server.underWay()).containsExactly(path, "/r/e/v");
        after.run();
        server.answer(path);
    }

    @Test
    void watchThatHasBegunAfterALossIsNotHeldUpByIt() throws InterruptedException {
        begin(Directory.ROOT);
        beginLateBeforeTheEarlyOneIsUpToDate(
                () -> server.delete(Y), Z, () -> server.put(Z, "new"), () -> server.put(Z, "newest"), X, Z);
        awaitTold(late, "x=old", "z=newest");
        server.answer("/r/e/v");
        server.put(W, "last");
        server.answerAll();
        awaitTold(late, "w=last", "x=old", "z=newest");
        awaitTold(early, "v=new", "w=last", "x=old", "z=newest");
        assertNothingWrong();
    }

    @Test
    void keyThatAnotherWatchHasSeenComeIsNotTakenForOneThatHasGone() throws InterruptedException {
        handle.watch(Directory.ROOT, WatchStart.after(server.put(X, "first")), early);
        server.answerAll();
        server.put(X, "second");
        server.answerAll();
        awaitTold(early, "x=second");
        Runnable comeAndGo = () -> {
            server.put(W, "passing");
            server.delete(W);
        };
        beginLateBeforeTheEarlyOneIsUpToDate(() -> {}, W, comeAndGo, () -> server.put(W, "came"), X, Y, Z);
        awaitTold(late, "w=came", "x=second", "y=old", "z=old");
        server.answer("/r/e/v");
        server.answerAll();
        awaitTold(early, "v=new", "w=came", "x=second");
        assertNothingWrong();
    }

    /** Watches with a listener that is busy with its first signal until the latch lets it go on. */
    private void beginBusy(CountDownLatch free) throws InterruptedException {
        CountDownLatch busy = new CountDownLatch(1);
        handle.watch(DIR, WatchStart.snapshot(), new WatchListener() {
            @Override
            public void onSignal(WatchSignal signal) {
                early.onSignal(signal);
                busy.countDown();
                await().atMost(Duration.ofSeconds(60)).until(() -> free.getCount() == 0);
            }

            @Override
            public void onEnd(@Nullable KvException cause) {
                early.onEnd(cause);
            }
        });
        server.answerAll();
        assertThat(busy.await(60, TimeUnit.SECONDS)).isTrue();
    }

    /** What a busy listener has not been told yet is told together with what comes after it; then a deletion may not be the latest any more. */
    @Test
    void listenerThatLagsIsToldOfTheLatestDeletionOfAKeyThatHasComeAndGone() throws InterruptedException {
        CountDownLatch free = new CountDownLatch(1);
        beginBusy(free);
        server.delete(X);
        server.answerAll();
        server.put(Y, "new");
        server.put(X, "again");
        long deleted = server.delete(X);
        server.answerAll();
        free.countDown();
        awaitTold(early, "y=new", "z=old");
        awaitDeletions(early, "/d/x@" + deleted);
    }

    @Test
    void listenerThatLagsIsGivenTheStateAfterATimeWithoutAConnectionThatMayHideADeletion() throws InterruptedException {
        CountDownLatch free = new CountDownLatch(1);
        beginBusy(free);
        server.delete(X);
        server.answerAll();
        server.disconnect();
        server.put(X, "again");
        server.delete(X);
        server.put(Y, "new");
        server.connect();
        server.answerAll();
        free.countDown();
        awaitTold(early, "y=new", "z=old");
        assertThat(early.snapshots()).isEqualTo(2);
        awaitDeletions(early);
    }

    /** Where nothing can have come and gone, what waits for the listener merges with what it missed, however often that happens. */
    @Test
    void listenerThatLagsThroughManyDisconnectsIsToldWhatHasChanged() throws InterruptedException {
        CountDownLatch free = new CountDownLatch(1);
        beginBusy(free);
        long deleted = server.delete(X);
        server.answerAll();
        for (int i = 1; i <= 10; i++) {
            server.disconnect();
            server.put(Y, "of disconnect " + i);
            server.connect();
            server.answerAll();
        }
        free.countDown();
        awaitTold(early, "y=of disconnect 10", "z=old");
        assertThat(early.snapshots()).isEqualTo(1);
        awaitDeletions(early, "/d/x@" + deleted);
    }

    /** A key goes, comes again with a key below it, and is emptied; then nothing is left of both, all while one answer is on its way. */
    @Test
    void keyThatWasEmptiedBeforeItsDirectoryWasPrunedIsToldToBeDeletedThen() {
        begin(DIR);
        server.put(Y, "new");
        server.delete(X);
        server.put(X, "again");
        server.put(X + "/below", "v");
        long emptied = server.empty(X);
        long below = server.delete(X + "/below");
        server.prune(X);
        server.answerAll();
        awaitTold(early, "y=new", "z=old");
        awaitDeletions(early, "/d/x@" + emptied, "/d/x/below@" + below);
    }

    @Test
    void directoryThatIsPrunedIsNotTakenForTheKeyThatWasThereBefore() {
        begin(DIR);
        server.put(Y, "new");
        long deleted = server.delete(X);
        server.mkdir(X);
        server.put(X + "/below", "v");
        long below = server.delete(X + "/below");
        server.prune(X);
        server.answerAll();
        awaitTold(early, "y=new", "z=old");
        awaitDeletions(early, "/d/x@" + deleted, "/d/x/below@" + below);
    }

    @Test
    void keyThatWasEmptiedAndPrunedSinceAListIsToldToAWatchAfterIt() {
        server.put(X + "/below", "v");
        watch(Directory.of("/e"), early);
        server.answerAll();
        long revision = server.put(W, "last");
        long emptied = server.empty(X);
        long below = server.delete(X + "/below");
        server.prune(X);
        handle.watch(DIR, WatchStart.after(revision), late);
        server.answerAll();
        awaitDeletions(late, "/d/x@" + emptied, "/d/x/below@" + below);
    }

    /** What was read for a watch that has ended is not told to one that began later, which has seen newer. */
    @Test
    void watchThatBeginsDoesNotGetWhatWasReadBeforeNobodyWatched() {
        watch(Directory.of("/e"), late);
        Watch first = handle.watch(DIR, WatchStart.snapshot(), new Collector());
        server.answerAll();
        server.delete(X);
        answerUnderFire(1);
        first.close();
        // Nobody watches it now.
        server.put(X, "again");
        watch(DIR, early);
        for (int i = 2;
                server.underWay().stream().anyMatch(name -> name.contains("/r/d") || name.equals(BARRIER));
                i++) {
            answerUnderFire(i);
        }
        awaitTold(early, "x=again", "y=old", "z=old");
        server.answerAll();
        long deleted = server.delete(X);
        server.answerAll();
        awaitDeletions(early, "/d/x@" + deleted);
    }

    /** Answers the next request after so many changes that the answer does not show all, nor that any was the same at the answer before. */
    private void answerUnderFire(int changes) {
        for (int i = 1; i <= changes; i++) {
            server.put("/r/e/" + i, "of " + changes);
        }
        server.answerNext();
    }

    @Test
    void watchAfterAListIsToldOfTheDeletionThatWasAndNotOfALaterOne() {
        begin(DIR);
        long revision = server.put(W, "first");
        server.answerAll();
        long deleted = server.delete(W);
        server.answerAll();
        AtomicLong passed = new AtomicLong();
        beginLateAtAPassedMoment(WatchStart.after(revision), () -> {
            server.put(W, "passing");
            passed.set(server.delete(W));
        });
        // Before the rest is answered: a listener that has not been told yet may rightly be told the latest deletion
        // alone.
        server.answer(X);
        awaitDeletions(late, "/d/w@" + deleted);
        server.answerAll();
        server.put(Y, "newer");
        server.answerAll();
        awaitTold(late, "x=new", "y=newer", "z=new");
        // The later one by itself, since somebody may have read the key that passed.
        assertThat(late.deletions()).containsExactly("/d/w@" + deleted, "/d/w@" + passed.get());
    }
}
