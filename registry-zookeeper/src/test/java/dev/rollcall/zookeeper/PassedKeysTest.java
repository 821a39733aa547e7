package dev.rollcall.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.HistoryUnavailableException;
import dev.rollcall.kv.WatchStart;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What watches are told of keys that come and go before anybody has looked. */
class PassedKeysTest extends ScriptedFeed {
    /** Somebody may have read the key between the two answers that the feed gets, or have written it, and waits for it to go. */
    @Test
    void keyThatComesAndGoesBetweenTwoCutsIsToldToBeDeleted() {
        begin(DIR);
        server.put(Y, "new");
        server.put(W, "passing");
        long deleted = server.delete(W);
        server.answerAll();
        awaitTold(early, "x=old", "y=new", "z=old");
        awaitDeletions(early, "/d/w@" + deleted);
    }

    @Test
    void keyThatComesAndGoesBetweenTwoCutsIsToldToBeDeletedByAServerThatTellsNoTransaction() {
        server.tellNoTransactions();
        begin(DIR);
        server.put(Y, "new");
        server.put(W, "passing");
        server.delete(W);
        server.answerAll();
        awaitTold(early, "x=old", "y=new", "z=old");
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() ->
                        assertThat(early.deletions()).singleElement().asString().startsWith("/d/w@"));
        assertNothingWrong();
    }

    @Test
    void keyOfADirectoryThatComesAndGoesBetweenTwoCutsIsToldToBeDeleted() {
        server.mkdir(W);
        server.put(W + "/below", "v");
        watch(DIR, early);
        server.answerAll();
        awaitTold(early, "below=v", "x=old", "y=old", "z=old");
        server.put(Y, "new");
        server.put(W, "passing");
        long emptied = server.empty(W);
        server.answerAll();
        awaitTold(early, "below=v", "x=old", "y=new", "z=old");
        awaitDeletions(early, "/d/w@" + emptied);
    }

    @Test
    void directoryThatIsPrunedBetweenTwoCutsIsNotTakenForAKey() {
        server.mkdir(W);
        server.put(W + "/below", "v");
        watch(DIR, early);
        server.answerAll();
        awaitTold(early, "below=v", "x=old", "y=old", "z=old");
        server.put(Y, "new");
        long below = server.delete(W + "/below");
        server.prune(W);
        server.answerAll();
        awaitTold(early, "x=old", "y=new", "z=old");
        awaitDeletions(early, "/d/w/below@" + below);
    }

    private void comeAndGoWithoutAConnection(Runnable meanwhile) throws InterruptedException {
        server.disconnect();
        server.put(W, "passing");
        meanwhile.run();
        server.connect();
    }

    private void awaitGap(Collector collector) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(collector.cause()).isInstanceOf(HistoryUnavailableException.class));
        assertNothingWrong();
    }

    @Test
    void keyThatMayHaveComeAndGoneWithoutAConnectionIsAGap() throws InterruptedException {
        handle.watch(DIR, WatchStart.after(server.put(X, "first")), late);
        watch(DIR, early);
        server.answerAll();
        awaitTold(early, "x=first", "y=old", "z=old");
        comeAndGoWithoutAConnection(() -> server.delete(W));
        server.answerAll();
        awaitGap(late);
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(early.snapshots()).isEqualTo(2));
        awaitTold(early, "x=first", "y=old", "z=old");
    }

    /** One watch knows little, since nothing has changed for it; that says nothing about another, which has begun later. */
    private void beginBesideAQuietWatch() throws InterruptedException {
        watch(Directory.of("/e"), early);
        server.answerAll();
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(early.snapshots()).isEqualTo(1));
        server.delete(Z);
        handle.watch(DIR, WatchStart.after(server.put(W, "first")), late);
        server.answerAll();
        server.mkdir("/r/f");
        server.disconnect();
    }

    @Test
    void whatHasGoneBeforeAWatchBeganIsNoGapForItThoughAnotherWatchIsOlder() throws InterruptedException {
        beginBesideAQuietWatch();
        server.put(X, "second");
        server.connect();
        server.answerAll();
        awaitTold(late, "x=second");
        assertThat(late.cause()).isNull();
        assertNothingWrong();
    }

    @Test
    void whatMayHaveGoneSinceAWatchBeganIsAGapForItAndNotForAnOlderOneElsewhere() throws InterruptedException {
        beginBesideAQuietWatch();
        server.put(Y + "2", "passing");
        server.delete(Y + "2");
        server.connect();
        server.answerAll();
        awaitGap(late);
        server.put("/r/e/k", "v");
        server.answerAll();
        awaitTold(early, "k=v");
        assertThat(early.snapshots()).isEqualTo(1);
    }

    /** The list has read the directory already, and does not show the key nor that it was there. */
    @Test
    void keyThatComesAndGoesWhileWatchesCatchUpIsToldToBeDeleted() throws InterruptedException {
        server.put(Y + "/below", "v");
        handle.watch(DIR, WatchStart.after(server.put(X, "first")), late);
        server.answerAll();
        server.disconnect();
        server.connect();
        // Whether it is the same store still.
        server.answer(BARRIER);
        server.answer("/r");
        server.answer(BARRIER);
        server.answer("/r/d/*");
        server.answer("/r", "/r/d", X, Y, Z);
        server.put(W, "passing");
        long deleted = server.delete(W);
        server.answer(Y + "/*");
        server.answerAll();
        awaitDeletions(late, "/d/w@" + deleted);
        assertThat(late.cause()).isNull();
    }

    /** What one watch is brought up to says nothing of what another, which began meanwhile, was told. */
    @Test
    void keyThatComesAndGoesWhileOthersStillCatchUpIsToldToBeDeleted() throws InterruptedException {
        server.mkdir("/r/e/k");
        server.put("/r/e/k/below", "v");
        watch(Directory.of("/e"), early);
        server.answerAll();
        awaitTold(early, "below=v");
        server.disconnect();
        server.connect();
        // Whether it is the same store still.
        server.answer(BARRIER);
        server.answer("/r");
        watch(DIR, late);
        server.answer(BARRIER);
        server.answer("/r/e/*");
        server.answer(BARRIER);
        server.answer("/r/d/*");
        server.answer("/r", "/r/e", "/r/e/k");
        server.answer("/r", "/r/d", X, Y, Z);
        server.put(W, "passing");
        long deleted = server.delete(W);
        server.answer("/r/e/k/*");
        server.answerAll();
        awaitDeletions(late, "/d/w@" + deleted);
    }

    @Test
    void keyThatGoesOnceWatchesHaveCaughtUpIsToldToBeDeleted() throws InterruptedException {
        handle.watch(DIR, WatchStart.after(server.put(X, "first")), late);
        server.answerAll();
        comeAndGoWithoutAConnection(() -> {});
        server.answerAll();
        awaitTold(late, "w=passing");
        long deleted = server.delete(W);
        server.answerAll();
        awaitDeletions(late, "/d/w@" + deleted);
    }

    @Test
    void watchGoesOnAfterATimeWithoutAConnectionInWhichNothingCanHaveGone() throws InterruptedException {
        handle.watch(DIR, WatchStart.after(server.put(X, "first")), late);
        server.answerAll();
        server.delete(Z);
        server.answerAll();
        awaitDeletions(late, "/d/z@" + server.lastZxid());
        server.disconnect();
        server.put(X, "second");
        server.connect();
        server.answerAll();
        awaitTold(late, "x=second");
        assertThat(late.cause()).isNull();
        assertNothingWrong();
    }
}
