package dev.rollcall.tck.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Directory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HistoryJsonTest {
    @Test
    void whatIsWrittenIsRead(@TempDir Path directory) throws InterruptedException {
        ModelStore store = new ModelStore(ModelStore.Fault.LOST_ANSWERS);
        History history = Workload.MIXED.run(List.of(store.open()), Directory.of("/json"), WorkloadOptions.of(4));
        Path file = directory.resolve("history.json");
        HistoryJson.write(history, file);
        assertThat(HistoryJson.read(file)).isEqualTo(history);
    }

    @Test
    void everyFormIsKept() {
        List<Condition> conditions = List.of(
                new Condition.Absent(Story.A), new Condition.Present(Story.B), new Condition.RevisionIs(Story.C, 7));
        Call commit = Story.commit(
                conditions, new Edit(Story.A, "<&\">", "lease"), Edit.delete(Story.B), Edit.put(Story.C, ""));
        Story story = new Story()
                .did("a", commit, Story.committed(8))
                .did("a", commit, new Result.ConditionFailed(2, 5))
                .did("a", commit, Story.notApplied())
                .did("a", commit, Story.unknown())
                .did("a", Story.glance(Story.A), Story.absent(9))
                .did("a", Story.get(Story.A), new Result.Got(new Entry(Story.A, "x", 9, true), 9))
                .did("a", new Call.Keys(Story.DIR), new Result.KeysListed(List.of(Story.A), 9))
                .did("a", new Call.Children(Story.DIR), new Result.ChildrenListed(List.of("a")));
        story.watch(
                WatchLog.Start.HISTORY,
                3,
                9,
                Story.whole(4, Story.entry(Story.A, "x", 4)),
                Story.delta(5, Story.set(Story.A, "y", 5), Story.gone(Story.B, 5)),
                Story.end("closed"),
                Story.end(null));
        story.begin("b", Story.list());
        History told = story.told();
        List<Mark> marks = new ArrayList<>();
        marks.add(new Mark("cut", new Moment(1, 1), new Moment(2, 2)));
        marks.add(new Mark("healed", new Moment(3, 3), null));
        History history = new History(told.operations(), told.watches(), marks);
        assertThat(HistoryJson.fromJson(HistoryJson.toJson(history))).isEqualTo(history);
    }

    @Test
    void otherTextIsRefused() {
        assertThatThrownBy(() -> HistoryJson.fromJson("{"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("A history must be JSON");
        assertThatThrownBy(() -> HistoryJson.fromJson("{\"format\": 2}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("A history must have the format 1");
        assertThatThrownBy(() -> HistoryJson.fromJson("{\"format\": 1, \"operations\": [{\"id\": 1}]}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("A history lacks 'client'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|{\"type\":\"pending\"}|unknown call",
                "{\"get\":\"/a\",\"consistency\":\"SOMETIMES\"}|{\"type\":\"pending\"}|unknown 'consistency'",
                "{\"keys\":\"/\"}|{\"type\":\"committed\",\"revision\":-1}|negative revision",
            })
    void operationThatIsNoneIsRefusedByASentence(String call, String result, String message) {
        String json =
                "{\"format\":1,\"operations\":[{\"id\":1,\"client\":\"c\",\"called\":[1,1],\"returned\":[2,2],\"call\":"
                        + call + ",\"result\":" + result + "}]}";
        assertThatThrownBy(() -> HistoryJson.fromJson(json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message)
                .hasMessageEndingWith(".");
    }

    @Test
    void whatIsWrongIsShownInShort() {
        assertThatThrownBy(() -> HistoryJson.fromJson("{\"format\":\"" + "x".repeat(10_000) + "\u007F\"}"))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .hasSizeLessThan(400);
    }

    @Test
    void markWithoutAnEndIsReadWithANullToo() {
        History history =
                HistoryJson.fromJson("{\"format\":1,\"marks\":[{\"text\":\"t\",\"from\":[1,1],\"until\":null}]}");
        assertThat(history.marks()).containsExactly(new Mark("t", new Moment(1, 1), null));
    }
}
