package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.rollcall.etcd.EtcdErrors.Verdict;
import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.UnavailableException;
import io.grpc.Status;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class EtcdErrorsTest {
    private static final Context CONTEXT = new Context("etcd://h:1", "put", "/k");

    static Stream<Arguments> answers() {
        return Stream.of(
                row("PERMISSION_DENIED", "etcdserver: permission denied", Verdict.REFUSED, AccessDeniedException.class),
                row(
                        "UNAUTHENTICATED",
                        "etcdserver: invalid auth token",
                        Verdict.STALE_TOKEN,
                        AccessDeniedException.class),
                row(
                        "INVALID_ARGUMENT",
                        "etcdserver: user name is empty",
                        Verdict.STALE_TOKEN,
                        AccessDeniedException.class),
                row(
                        "INVALID_ARGUMENT",
                        "etcdserver: revision of auth store is old",
                        Verdict.AUTH_CHANGED,
                        UnavailableException.class),
                row(
                        "INVALID_ARGUMENT",
                        "etcdserver: authentication failed, invalid user ID or password",
                        Verdict.REFUSED,
                        AccessDeniedException.class),
                row("INVALID_ARGUMENT", "etcdserver: request is too large", Verdict.REFUSED, KvException.class),
                row(
                        "INVALID_ARGUMENT",
                        "etcdserver: too many operations in txn request",
                        Verdict.REFUSED,
                        KvException.class),
                row(
                        "INVALID_ARGUMENT",
                        "etcdserver: duplicate key given in txn request",
                        Verdict.REFUSED,
                        KvException.class),
                row("NOT_FOUND", "etcdserver: requested lease not found", Verdict.REFUSED, KvException.class),
                row("FAILED_PRECONDITION", "etcdserver: lease already exists", Verdict.REFUSED, KvException.class),
                row(
                        "OUT_OF_RANGE",
                        "etcdserver: mvcc: required revision has been compacted",
                        Verdict.REFUSED,
                        KvException.class),
                row("RESOURCE_EXHAUSTED", "etcdserver: mvcc: database space exceeded", Verdict.FULL, KvException.class),
                row("RESOURCE_EXHAUSTED", "etcdserver: too many requests", Verdict.NOT_NOW, UnavailableException.class),
                row(
                        "RESOURCE_EXHAUSTED",
                        "grpc: received message larger than max (2097200 vs. 2097152)",
                        Verdict.REFUSED,
                        KvException.class),
                row("UNIMPLEMENTED", "unknown service etcdserverpb.KV", Verdict.REFUSED, KvException.class),
                row("UNAVAILABLE", "etcdserver: no leader", Verdict.NOT_NOW, UnavailableException.class),
                row("UNAVAILABLE", "etcdserver: not capable", Verdict.NOT_NOW, UnavailableException.class),
                row(
                        "UNAVAILABLE",
                        "etcdserver: rpc not supported for learner",
                        Verdict.NOT_NOW,
                        UnavailableException.class),
                row(
                        "FAILED_PRECONDITION",
                        "etcdserver: rpc not supported for learner",
                        Verdict.NOT_NOW,
                        UnavailableException.class),
                row("UNKNOWN", "raft proposal dropped", Verdict.NOT_NOW, UnavailableException.class),
                row("UNAVAILABLE", "etcdserver: leader changed", Verdict.OPEN, UnavailableException.class),
                row("UNAVAILABLE", "etcdserver: request timed out", Verdict.OPEN, UnavailableException.class),
                row(
                        "UNAVAILABLE",
                        "etcdserver: request timed out, possibly due to previous leader failure",
                        Verdict.OPEN,
                        UnavailableException.class),
                row("UNAVAILABLE", "etcdserver: server stopped", Verdict.OPEN, UnavailableException.class),
                row("UNKNOWN", "raft: stopped", Verdict.OPEN, UnavailableException.class),
                row("UNKNOWN", "leader changed", Verdict.OPEN, UnavailableException.class),
                row("DATA_LOSS", "etcdserver: corrupt cluster", Verdict.OPEN, UnavailableException.class),
                // What a proxy says of its own connection, as if it were etcd.
                row("UNAVAILABLE", "transport is closing", Verdict.OPEN, UnavailableException.class),
                row("RESOURCE_EXHAUSTED", "stream terminated by RST_STREAM", Verdict.OPEN, UnavailableException.class),
                row("PERMISSION_DENIED", "forbidden", Verdict.OPEN, UnavailableException.class),
                row("NOT_FOUND", "HTTP status code 404", Verdict.OPEN, UnavailableException.class),
                row("DEADLINE_EXCEEDED", "context deadline exceeded", Verdict.OPEN, UnavailableException.class));
    }

    private static Arguments row(String code, String text, Verdict verdict, Class<? extends KvException> type) {
        return arguments(Status.fromCode(Status.Code.valueOf(code)).withDescription(text), verdict, type);
    }

    @ParameterizedTest
    @MethodSource("answers")
    void answerOfEtcdSaysWhatItMeans(Status status, Verdict expected, Class<? extends KvException> type) {
        Verdict verdict = EtcdErrors.verdict(status, true, true);
        assertThat(verdict).isEqualTo(expected);
        KvException failure = EtcdErrors.of(CONTEXT, status, verdict, true);
        assertThat(failure).isExactlyInstanceOf(type);
        assertThat(failure.outcome())
                .isEqualTo(verdict == Verdict.OPEN || verdict == Verdict.FULL ? Outcome.UNKNOWN : Outcome.NOT_APPLIED);
        assertThat(failure.isRetryable()).isEqualTo(verdict == Verdict.NOT_NOW || verdict == Verdict.AUTH_CHANGED);
        assertThat(failure.getMessage())
                .startsWith("put of '/k' on etcd://h:1 failed: ")
                .endsWith(".")
                .doesNotContain("etcdserver:");
    }

    /** As through {@code etcd grpc-proxy}. */
    @ParameterizedTest
    @MethodSource("answers")
    void wordsOfEtcdMeanTheSameWithoutTheirCode(Status status, Verdict expected) {
        String text = String.valueOf(status.getDescription());
        Status passedOn = EtcdErrors.asServed(Status.UNKNOWN.withDescription(text));
        boolean etcds = text.startsWith("etcdserver: ");
        assertThat(EtcdErrors.verdict(passedOn, true, true))
                .isEqualTo(etcds ? expected : EtcdErrors.verdict(Status.UNKNOWN.withDescription(text), true, true));
        assertThat(EtcdErrors.isOutOfHistory(passedOn)).isEqualTo(EtcdErrors.isOutOfHistory(status));
        assertThat(EtcdErrors.isLeaseUnknown(passedOn)).isEqualTo(EtcdErrors.isLeaseUnknown(status));
    }

    @ParameterizedTest
    @MethodSource("answers")
    void statusWithoutTheServersTrailersSaysNothing(Status status) {
        assertThat(EtcdErrors.verdict(status, true, false)).isEqualTo(Verdict.OPEN);
    }

    @ParameterizedTest
    @MethodSource("answers")
    void failedReadIsNeverInDoubt(Status status, Verdict verdict) {
        assertThat(EtcdErrors.of(CONTEXT, status, verdict, false).outcome()).isEqualTo(Outcome.NOT_APPLIED);
    }

    @Test
    void writeThatNeverLeftIsTriedAgain() {
        Status status = Status.UNAVAILABLE.withDescription("io exception");
        assertThat(EtcdErrors.verdict(status, false, false)).isEqualTo(Verdict.NOT_NOW);
    }

    @Test
    void textOfAServerCannotDriveATerminalNorFillALog() {
        Status status = Status.INTERNAL.withDescription("\u001B[2Jgone\r" + "x".repeat(10_000));
        assertThat(EtcdErrors.text(status))
                .startsWith(" [2Jgone xxx")
                .hasSizeLessThan(600)
                .endsWith("…");
    }

    @Test
    void textTellsTheInnermostCauseOnOneLine() {
        Status status = Status.UNAVAILABLE
                .withDescription("io exception\nmore")
                .withCause(new IllegalStateException("outer", new IllegalStateException("Connection refused")));
        assertThat(EtcdErrors.text(status)).isEqualTo("io exception");
        assertThat(EtcdErrors.text(Status.UNAVAILABLE
                        .withDescription("io exception")
                        .withCause(
                                new IllegalStateException("outer", new IllegalStateException("Connection refused")))))
                .isEqualTo("io exception (Connection refused)");
    }

    @Test
    void anAnswerThatAProxyDoesNotTakeIsTooLarge() {
        assertThat(EtcdErrors.isTooLarge(Status.RESOURCE_EXHAUSTED.withDescription(
                        "grpc: received message larger than max (5242880 vs. 4194304)")))
                .isTrue();
        assertThat(EtcdErrors.isTooLarge(Status.RESOURCE_EXHAUSTED.withDescription("etcdserver: too many requests")))
                .isFalse();
    }
}
