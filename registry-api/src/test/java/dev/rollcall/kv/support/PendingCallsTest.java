package dev.rollcall.kv.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.BackendClosedException;
import dev.rollcall.kv.DeadlineExceededException;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.UnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class PendingCallsTest {
    private static final Context PUT = new Context("test", "put", "/a");
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final ManualExecutor executor = new ManualExecutor();
    private final ManualClock clock = new ManualClock();
    private final PendingCalls calls = new PendingCalls(TIMEOUT, clock, executor);

    private KvException failure(CompletableFuture<?> future) {
        executor.runAll();
        assertThat(future).isCompletedExceptionally();
        return (KvException) future.handle((result, e) -> Futures.unwrap(e)).join();
    }

    @Test
    void answerCompletesTheFutureOnTheExecutorOnly() {
        PendingCall<String> call = calls.begin(PUT, true);
        assertThat(call.sent()).isTrue();
        call.complete("done");
        call.complete("again");
        assertThat(call.future()).isNotDone();
        assertThat(calls.size()).isZero();
        executor.runAll();
        assertThat(call.future()).isCompletedWithValue("done");
    }

    @Test
    void deadlineOfAWriteThatWasSentLeavesItsOutcomeUnknown() {
        PendingCall<String> call = calls.begin(PUT, true);
        call.sent();
        clock.advance(TIMEOUT.minusMillis(1));
        assertThat(call.isDone()).isFalse();
        clock.advance(Duration.ofMillis(1));
        assertThat(failure(call.future()))
                .isInstanceOf(DeadlineExceededException.class)
                .hasMessageContaining("5000 ms")
                .satisfies(e -> assertThat(e.outcome()).isEqualTo(Outcome.UNKNOWN));
    }

    @Test
    void deadlineOfAWriteThatWasNotSentForbidsToSendIt() {
        PendingCall<String> call = calls.begin(PUT, true);
        clock.advance(TIMEOUT);
        assertThat(failure(call.future()).outcome()).isEqualTo(Outcome.NOT_APPLIED);
        assertThat(call.sent()).isFalse();
    }

    @Test
    void writeWhoseAttemptHadNoEffectIsNotInDoubtAtItsDeadlineAndTellsWhy() {
        PendingCall<String> call = calls.begin(PUT, true);
        call.sent();
        call.unsent("no leader", new IllegalStateException("no leader"));
        clock.advance(TIMEOUT);
        assertThat(failure(call.future()))
                .isInstanceOf(DeadlineExceededException.class)
                .hasMessageContaining("not applied; the attempt before failed: no leader")
                .hasCauseInstanceOf(IllegalStateException.class)
                .satisfies(e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_APPLIED));
    }

    @Test
    void attemptAfterOneWithoutEffectIsInDoubtAtItsDeadline() {
        PendingCall<String> call = calls.begin(PUT, true);
        call.sent();
        call.unsent("no leader", null);
        assertThat(call.sent()).isTrue();
        clock.advance(TIMEOUT);
        assertThat(failure(call.future()).outcome()).isEqualTo(Outcome.UNKNOWN);
    }

    @Test
    void readIsNeverApplied() {
        PendingCall<String> call = calls.begin(PUT, false);
        call.sent();
        clock.advance(TIMEOUT);
        assertThat(failure(call.future()).outcome()).isEqualTo(Outcome.NOT_APPLIED);
    }

    @Test
    void oneTimerServesAllCallsInTheirOrder() {
        List<PendingCall<String>> all = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            all.add(calls.begin(PUT, true));
            clock.advance(Duration.ofMillis(100));
        }
        assertThat(clock.scheduled()).isEqualTo(1);
        all.get(0).complete("first");
        all.get(5).complete("sixth");
        all.get(9).complete("last");
        assertThat(calls.size()).isEqualTo(7);
        clock.advance(TIMEOUT.minusMillis(1000));
        assertThat(all.get(1).isDone()).isFalse();
        clock.advance(Duration.ofMillis(100));
        assertThat(all.get(1).isDone()).isTrue();
        assertThat(all.get(2).isDone()).isFalse();
        for (int i = 0; i < 9; i++) {
            clock.advance(Duration.ofMillis(100));
        }
        assertThat(all).allMatch(PendingCall::isDone);
        assertThat(calls.size()).isZero();
        assertThat(clock.scheduled()).isZero();
    }

    @Test
    void failureFindsOutTheOutcomeByItself() {
        PendingCall<String> sent = calls.begin(PUT, true);
        sent.sent();
        sent.fail(outcome -> new UnavailableException(PUT, outcome, "it broke", null));
        assertThat(failure(sent.future()).outcome()).isEqualTo(Outcome.UNKNOWN);
        PendingCall<String> waiting = calls.begin(PUT, true);
        waiting.fail(outcome -> new UnavailableException(PUT, outcome, "it broke", null));
        assertThat(failure(waiting.future()).outcome()).isEqualTo(Outcome.NOT_APPLIED);
    }

    @Test
    void closeFailsAllThatIsPendingAndAllThatComesLater() {
        PendingCall<String> sent = calls.begin(PUT, true);
        sent.sent();
        PendingCall<String> waiting = calls.begin(PUT, true);
        calls.close();
        calls.close();
        assertThat(failure(sent.future()))
                .isInstanceOf(BackendClosedException.class)
                .satisfies(e -> assertThat(e.outcome()).isEqualTo(Outcome.UNKNOWN));
        assertThat(failure(waiting.future()).outcome()).isEqualTo(Outcome.NOT_APPLIED);
        PendingCall<String> later = calls.begin(PUT, true);
        assertThat(later.sent()).isFalse();
        assertThatThrownBy(() -> Futures.await(later.future())).isInstanceOf(BackendClosedException.class);
        assertThat(clock.scheduled()).isZero();
    }

    @Test
    void sendingAndGivingUpNeverBothWin() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            for (int round = 0; round < 20_000; round++) {
                PendingCalls racing = new PendingCalls(TIMEOUT, clock, Runnable::run);
                PendingCall<String> call = racing.begin(PUT, true);
                Future<Boolean> send = threads.submit(call::sent);
                Future<?> close = threads.submit(racing::close);
                close.get();
                Outcome outcome = failure(call.future()).outcome();
                assertThat(outcome).isEqualTo(send.get() ? Outcome.UNKNOWN : Outcome.NOT_APPLIED);
            }
        } finally {
            threads.shutdown();
        }
    }
}
