package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

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

    static Stream<Arguments> writesThatWereSent() {
        return Stream.of(
                row("PERMISSION_DENIED", "etcdserver: permission denied", AccessDeniedException.class, true, false),
                row("UNAUTHENTICATED", "etcdserver: invalid auth token", AccessDeniedException.class, true, false),
                row("INVALID_ARGUMENT", "etcdserver: user name is empty", AccessDeniedException.class, true, false),
                row(
                        "INVALID_ARGUMENT",
                        "etcdserver: authentication failed, invalid user ID or password",
                        AccessDeniedException.class,
                        true,
                        false),
                row("INVALID_ARGUMENT", "etcdserver: request is too large", KvException.class, true, false),
                row(
                        "INVALID_ARGUMENT",
                        "etcdserver: too many operations in txn request",
                        KvException.class,
                        true,
                        false),
                row(
                        "INVALID_ARGUMENT",
                        "etcdserver: duplicate key given in txn request",
                        KvException.class,
                        true,
                        false),
                row("NOT_FOUND", "etcdserver: requested lease not found", KvException.class, true, false),
                row("FAILED_PRECONDITION", "etcdserver: lease already exists", KvException.class, true, false),
                row(
                        "OUT_OF_RANGE",
                        "etcdserver: mvcc: required revision has been compacted",
                        KvException.class,
                        true,
                        false),
                row("RESOURCE_EXHAUSTED", "etcdserver: mvcc: database space exceeded", KvException.class, false, false),
                row("RESOURCE_EXHAUSTED", "etcdserver: too many requests", KvException.class, true, true),
                row("UNIMPLEMENTED", "unknown service etcdserverpb.KV", KvException.class, true, false),
                row("UNAVAILABLE", "etcdserver: no leader", UnavailableException.class, true, true),
                row("UNAVAILABLE", "etcdserver: not capable", UnavailableException.class, true, true),
                row("UNAVAILABLE", "etcdserver: leader changed", UnavailableException.class, false, false),
                row("UNAVAILABLE", "etcdserver: request timed out", UnavailableException.class, false, false),
                row(
                        "UNAVAILABLE",
                        "etcdserver: request timed out, possibly due to previous leader failure",
                        UnavailableException.class,
                        false,
                        false),
                row("UNAVAILABLE", "etcdserver: server stopped", UnavailableException.class, false, false),
                row("UNAVAILABLE", "io exception", UnavailableException.class, false, false),
                row("UNAVAILABLE", "Network closed for unknown reason", UnavailableException.class, false, false),
                row(
                        "UNAVAILABLE",
                        "HTTP/2 error code: NO_ERROR Received Goaway",
                        UnavailableException.class,
                        false,
                        false),
                row("UNKNOWN", "raft: stopped", UnavailableException.class, false, false),
                row("UNKNOWN", "leader changed", UnavailableException.class, false, false),
                row("CANCELLED", "RST_STREAM closed stream", UnavailableException.class, false, false),
                row("INTERNAL", "stream terminated", UnavailableException.class, false, false),
                row("ABORTED", "aborted", UnavailableException.class, false, false),
                row("DATA_LOSS", "etcdserver: corrupt cluster", UnavailableException.class, false, false),
                row("DEADLINE_EXCEEDED", "deadline exceeded", UnavailableException.class, false, false));
    }

    private static Arguments row(
            String code, String text, Class<? extends KvException> type, boolean notApplied, boolean retryable) {
        return arguments(Status.fromCode(Status.Code.valueOf(code)).withDescription(text), type, notApplied, retryable);
    }

    @ParameterizedTest
    @MethodSource("writesThatWereSent")
    void failedWriteSaysWhatIsKnown(
            Status status, Class<? extends KvException> type, boolean notApplied, boolean retryable) {
        KvException failure = EtcdErrors.of(CONTEXT, status, true, true);
        assertThat(failure).isExactlyInstanceOf(type);
        assertThat(failure.outcome()).isEqualTo(notApplied ? Outcome.NOT_APPLIED : Outcome.UNKNOWN);
        assertThat(failure.isRetryable()).isEqualTo(retryable);
        assertThat(failure.getMessage())
                .startsWith("put of '/k' on etcd://h:1 failed: ")
                .endsWith(".")
                .doesNotContain("etcdserver:");
    }

    @ParameterizedTest
    @MethodSource("writesThatWereSent")
    void failedReadIsNeverInDoubt(Status status) {
        assertThat(EtcdErrors.of(CONTEXT, status, false, true).outcome()).isEqualTo(Outcome.NOT_APPLIED);
    }

    @ParameterizedTest
    @MethodSource("writesThatWereSent")
    void writeThatNeverLeftIsNotApplied(Status status) {
        assertThat(EtcdErrors.of(CONTEXT, status, true, false).outcome()).isEqualTo(Outcome.NOT_APPLIED);
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
