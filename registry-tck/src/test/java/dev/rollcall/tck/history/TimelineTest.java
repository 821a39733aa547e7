package dev.rollcall.tck.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Subscription;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TimelineTest {
    @Test
    void pageShowsEveryOperationAndOutlinesTheGuilty(@TempDir Path directory) throws InterruptedException {
        HistoryRecorder recorder = new HistoryRecorder();
        ModelStore store = new ModelStore(ModelStore.Fault.STALE_READS);
        Subscription mark = recorder.mark("the network is cut");
        History history = Workload.MIXED.run(
                recorder,
                List.of(store.open(), store.open()),
                Directory.of("/line"),
                WorkloadOptions.of(5).sized(4, 4, 60));
        mark.close();
        Verdict verdict = new ReplayJudge().judge(history);
        assertThat(verdict.kind()).isEqualTo(Verdict.Kind.VIOLATION);

        String html = Timeline.html(history, verdict);
        history.operations()
                .forEach(operation ->
                        assertThat(html).contains("<title>" + Timeline.escape("#" + operation.id() + " ")));
        assertThat(html).contains(" bad\">", "READ-1", "the network is cut", "snapshot of");
        assertThat(html).doesNotContain("http://", "https://", "<script");
        Path file = directory.resolve("history.html");
        Timeline.write(history, verdict, file);
        assertThat(file).hasContent(html);
    }

    @Test
    void textIsEscaped() {
        History history = new Story()
                .did("<b>", Story.put(Story.A, "<script>"), Story.unknown())
                .told();
        String html = Timeline.html(
                history, LinearizabilityJudge.perKey(Duration.ofSeconds(1)).judge(history));
        assertThat(html).contains("&lt;script&gt;").doesNotContain("<script", "<b>&lt;");
    }
}
