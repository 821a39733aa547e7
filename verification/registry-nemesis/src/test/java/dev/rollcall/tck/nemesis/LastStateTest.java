package dev.rollcall.tck.nemesis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.tck.history.Call;
import dev.rollcall.tck.history.Edit;
import dev.rollcall.tck.history.Entry;
import dev.rollcall.tck.history.History;
import dev.rollcall.tck.history.Moment;
import dev.rollcall.tck.history.Operation;
import dev.rollcall.tck.history.Result;
import dev.rollcall.tck.history.WatchLog;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is wrong with the end of a history in which somebody took entries away. */
class LastStateTest {
    private static final Directory ROUND = Directory.of("/round");
    private static final Directory INNER = Directory.of("/round/a");
    private static final Entry LEFT = new Entry(ROUND.key("a/k"), "v", 5, false);
    private static final Entry BESIDE = new Entry(ROUND.key("ab/k"), "w", 6, false);
    private static final Entry END = new Entry(ROUND.key("a/end"), "end", 9, false);
    private static final long OWED = 9;

    private final List<Operation> operations = new ArrayList<>();
    private final List<WatchLog> watches = new ArrayList<>();
    private int moments;

    private Moment moment() {
        moments++;
        return new Moment(moments, moments);
    }

    private void listed(String client, long revision, Entry... entries) {
        operations.add(new Operation(
                operations.size(),
                client,
                new Call.Entries(ROUND, ReadConsistency.LINEARIZABLE),
                moment(),
                moment(),
                new Result.Listed(List.of(entries), revision)));
    }

    private void inDoubt(Key key) {
        operations.add(new Operation(
                operations.size(),
                "h9",
                new Call.Commit(List.of(), List.of(Edit.delete(key))),
                moment(),
                moment(),
                new Result.Unknown("no answer")));
    }

    private void watched(Directory directory, WatchLog.Start start, WatchLog.Signal... signals) {
        List<WatchLog.Delivery> deliveries = new ArrayList<>();
        for (WatchLog.Signal signal : signals) {
            deliveries.add(new WatchLog.Delivery(moment(), signal));
        }
        long after = start == WatchLog.Start.SNAPSHOT ? 0 : 1;
        watches.add(new WatchLog(watches.size(), "h0", directory, start, after, moment(), moment(), OWED, deliveries));
    }

    private static WatchLog.Whole whole(long revision, Entry... entries) {
        return new WatchLog.Whole(List.of(entries), revision);
    }

    private static WatchLog.Delta put(Entry entry) {
        return new WatchLog.Delta(List.of(WatchLog.Item.put(entry)), entry.revision());
    }

    private static WatchLog.Delta deleted(Key key, long revision) {
        return new WatchLog.Delta(List.of(WatchLog.Item.delete(key, revision)), revision);
    }

    private static WatchLog.End ended(@Nullable String cause) {
        return new WatchLog.End(cause);
    }

    private List<String> differences() {
        return LastState.differences(new History(operations, watches, List.of()));
    }

    @Test
    void everybodyOfOneMindIsRight() {
        listed("h0", 3, LEFT, BESIDE);
        listed("h0", 9, LEFT, END);
        listed("h1", 10, LEFT, END);
        watched(ROUND, WatchLog.Start.SNAPSHOT, whole(5, LEFT), put(BESIDE), deleted(BESIDE.key(), 8), put(END));
        watched(INNER, WatchLog.Start.SNAPSHOT, whole(9, LEFT, END), ended(null));
        watched(INNER, WatchLog.Start.SNAPSHOT, ended("AccessDeniedException: no"));
        watched(INNER, WatchLog.Start.AFTER, put(END));
        assertThat(differences()).isEmpty();
    }

    @Test
    void listThatDiffersIsWrong() {
        listed("h0", 9, LEFT, END);
        listed("h1", 9, END);
        watched(ROUND, WatchLog.Start.SNAPSHOT, whole(9, LEFT, END));
        assertThat(differences()).singleElement().asString().contains("READ-1", "h1", "/round/a/k");
    }

    @Test
    void watchThatShowsWhatIsGoneIsWrong() {
        listed("h0", 9, END);
        watched(ROUND, WatchLog.Start.SNAPSHOT, whole(6, LEFT, BESIDE), deleted(LEFT.key(), 7), put(END));
        assertThat(differences()).singleElement().asString().contains("WATCH-11", "/round/ab/k");
    }

    @Test
    void watchThatStaysBehindIsWrong() {
        listed("h0", 9, LEFT, END);
        watched(ROUND, WatchLog.Start.SNAPSHOT, whole(5, LEFT));
        assertThat(differences()).singleElement().asString().contains("WATCH-11", "after revision 5");
    }

    @Test
    void keyInDoubtMayBeThereOrNot() {
        listed("h0", 9, LEFT, END);
        inDoubt(LEFT.key());
        listed("h1", 10, END);
        watched(ROUND, WatchLog.Start.SNAPSHOT, whole(9, LEFT, END));
        assertThat(differences()).isEmpty();
    }
}
