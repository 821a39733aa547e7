package dev.rollcall.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.WatchStart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What watches are told when answers and events come in the order that is worst for them. */
class FeedTest {
    private static final Directory DIR = Directory.of("/d");
    private static final String W = "/r/d/w";
    private static final String X = "/r/d/x";
    private static final String Y = "/r/d/y";
    private static final String Z = "/r/d/z";
    private static final String BARRIER = "!";

    private final ScriptedServer server = new ScriptedServer("/r", "/r/d", "/r/e");
    private final Collector early = new Collector();
    private final Collector late = new Collector();
    private KvBackend handle;

    @BeforeEach
    void watchThreeKeys() throws InterruptedException {
        for (String path : new String[] {X, Y, Z}) {
            server.put(path, "old");
        }
        handle = ZooKeeperBackend.open(
                ZooKeeperConfig.of(BackendUrl.parse("zookeeper://scripted/r?timeout=10m")), server::open);
        server.connect();
    }

    @AfterEach
    void close() {
        handle.close();
    }

    private void watch(Directory directory, Collector collector) {
        handle.watch(directory, WatchStart.snapshot(), collector);
    }

    private void begin(Directory directory) {
        watch(directory, early);
        server.answerAll();
        awaitTold(early, "x=old", "y=old", "z=old");
    }

    private static Set<String> told(Collector collector) {
        Map<Key, dev.rollcall.kv.KeyValue> held = collector.held();
        return held.values().stream()
                .map(entry -> entry.key().name() + "=" + entry.value().utf8())
                .collect(Collectors.toSet());
    }

    private static void awaitTold(Collector collector, String... entries) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(told(collector)).containsExactlyInAnyOrder(entries));
    }

    private void assertNothingWrong() {
        assertThat(early.faults()).isEmpty();
        assertThat(late.faults()).isEmpty();
    }

    /**
     * Brings a second watch to where the next answer it gets closes a moment that is past, since {@code x} has not changed after it, while
     * the first watch has been told of a change of {@code z} that came later.
     */
    private void beginLateAtAPassedMoment(Runnable changeOfZ) {
        begin(DIR);
        watch(DIR, late);
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
        server.answer(X, Z);
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
        server.answer("/r/d", "/r/e");
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
}
