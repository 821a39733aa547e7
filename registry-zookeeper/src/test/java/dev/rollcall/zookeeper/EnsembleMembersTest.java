package dev.rollcall.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Members that code of the application names. */
class EnsembleMembersTest {
    private static final Duration AMPLE = Duration.ofMinutes(1);

    private List<String> named = List.of("a:1");
    private final Queue<Runnable> waiting = new ArrayDeque<>();

    private List<String> name() {
        return named;
    }

    @Test
    void areThoseThatWereNamedLast() {
        Ensemble ensemble = Ensemble.of(this::name, Runnable::run, AMPLE);
        assertThat(ensemble.known()).containsExactly("a:1");
        named = List.of("b:1", "c");
        assertThat(ensemble.known()).as("before it is asked").containsExactly("a:1");
        assertThat(ensemble.ask()).containsExactly("b:1", "c");
        assertThat(ensemble.known()).containsExactly("b:1", "c");
    }

    @Test
    void stayWhileTheApplicationNamesNobodyOrNonsenseOrThrows() {
        Ensemble ensemble = Ensemble.of(this::name, Runnable::run, AMPLE);
        for (List<String> useless : List.of(List.<String>of(), List.of("ho|st"))) {
            named = useless;
            assertThat(ensemble.ask()).containsExactly("a:1");
        }
        Ensemble failing = Ensemble.of(new FailsLater(), Runnable::run, AMPLE);
        assertThat(failing.ask()).containsExactly("once:1");
        assertThat(failing.ask()).containsExactly("once:1");
        named = List.of("b:1");
        assertThat(ensemble.ask()).containsExactly("b:1");
    }

    /** Answers once, then throws, then dies of an Error. */
    private static final class FailsLater implements Supplier<List<String>> {
        private int asked;

        @Override
        public List<String> get() {
            asked++;
            if (asked == 2) {
                throw new IllegalStateException("no answer");
            }
            if (asked == 3) {
                throw new AssertionError("no answer");
            }
            return List.of("once:1");
        }
    }

    @Test
    void areNotWaitedForWhileTheApplicationIsSlow() {
        Ensemble ensemble = Ensemble.of(this::name, waiting::add, Duration.ofMillis(1));
        named = List.of("b:1");
        assertThat(ensemble.ask()).containsExactly("a:1");
        assertThat(ensemble.ask()).containsExactly("a:1");
        assertThat(waiting)
                .as("a question is not asked again before its answer")
                .hasSize(1);
        waiting.remove().run();
        assertThat(ensemble.known()).as("an answer that comes late").containsExactly("b:1");
        named = List.of("c:1");
        ensemble.ask();
        waiting.remove().run();
        assertThat(ensemble.known()).containsExactly("c:1");
    }

    /** A client's own thread asks, and while the application's code hangs it asks for each round of attempts. */
    @Test
    void areNotWaitedForAgainWhileTheApplicationHasNotAnswered() {
        Ensemble ensemble = Ensemble.of(this::name, waiting::add, Duration.ofDays(1));
        Thread.currentThread().interrupt();
        assertThat(ensemble.ask()).as("a question that is waited for").containsExactly("a:1");
        assertThat(Thread.interrupted()).isTrue();
        CompletableFuture<List<String>> again =
                CompletableFuture.supplyAsync(ensemble::ask, task -> new Thread(task, "asks-again").start());
        assertThat(Await.result(again)).containsExactly("a:1");
        assertThat(waiting).hasSize(1);
    }

    @Test
    void areTheSameInAnotherOrder() {
        named = List.of("a:1", "b:1");
        Ensemble ensemble = Ensemble.of(this::name, Runnable::run, AMPLE);
        named = List.of("b:1", "a:1");
        assertThat(ensemble.ask()).containsExactly("a:1", "b:1");
        named = List.of("b:1");
        assertThat(ensemble.ask()).containsExactly("b:1");
    }

    @Test
    void mustBeSomebodyWhenAStoreIsOpened() {
        named = List.of();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ZooKeeperBackendBuilder.at(this::name, "/app").open())
                .withMessageContaining("at least one member");
        named = List.of("ho|st");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ZooKeeperBackendBuilder.at(this::name, "/app").open())
                .withMessageContaining("ho|st");
    }
}
