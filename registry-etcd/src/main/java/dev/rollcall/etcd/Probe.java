package dev.rollcall.etcd;

import io.etcd.jetcd.api.KVGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Tests whether a member can serve, by a linearizable read of one key, which is what callers need. A member without a leader, a learner, a member that
 * cannot reach the others or whose disk hangs would still report its status, but fails this read. The same read shows whether the store is still the one
 * that the handle knows.
 */
final class Probe {
    private final DirectCall calls;
    private final MemberConnection.Setup setup;
    private final EtcdOptions options;
    private final EtcdRewindDetector memory;

    Probe(DirectCall calls, MemberConnection.Setup setup, EtcdOptions options, EtcdRewindDetector memory) {
        this.calls = calls;
        this.setup = setup;
        this.options = options;
        this.memory = memory;
    }

    /** Takes what was found. Runs on the loop. */
    interface Verdict {
        /**
         * The member has been asked.
         *
         * @param refusal why it cannot serve, or null if it can
         * @param rewound why the store that it serves is not the one that was known, or null if it is
         */
        void found(@Nullable Refusal refusal, @Nullable String rewound);
    }

    /** Asks {@code connection}; takes {@code patience} at most for each question. */
    void ask(MemberConnection connection, Duration patience, Verdict verdict) {
        ask(connection, patience, null, verdict);
    }

    /** No member serves, and some were silent: what the next ones are asked with is not to be the reason. */
    void silent() {
        calls.silent();
    }

    /** The second time with what the first answer was suspected of: only what two answers show is held for true. */
    private void ask(MemberConnection connection, Duration patience, @Nullable String suspicion, Verdict verdict) {
        EtcdRewindDetector.Known known = memory.known();
        calls.ask(
                connection,
                KVGrpc.getRangeMethod(),
                memory.question(known),
                patience,
                (refusal, status, answered, answer) -> {
                    if (refusal != null) {
                        verdict.found(explained(connection, refusal), null);
                    } else if (answer != null) {
                        connection.served();
                        String contradiction = EtcdRewindDetector.contradiction(known, answer);
                        if (contradiction == null) {
                            memory.fits(answer.getHeader());
                            verdict.found(null, null);
                        } else if (suspicion == null) {
                            ask(connection, patience, contradiction, verdict);
                        } else {
                            memory.restart(answer.getHeader());
                            verdict.found(null, contradiction);
                        }
                    } else if (answered && known.key() != null && EtcdErrors.isOutOfHistory(status)) {
                        // Compacted, or not reached: without the entry, the rest of the answer tells.
                        memory.forgetEntry(known);
                        ask(connection, patience, suspicion, verdict);
                    } else {
                        verdict.found(judge(connection, patience, status, answered), null);
                    }
                });
    }

    private @Nullable Refusal judge(MemberConnection connection, Duration patience, Status status, boolean answered) {
        // Who may not read this key is told so after the read has been agreed on: the member serves, if others.
        EtcdErrors.Verdict meaning = EtcdErrors.verdict(status, true, answered);
        boolean aboutTheUser = meaning == EtcdErrors.Verdict.STALE_TOKEN
                || meaning == EtcdErrors.Verdict.AUTH_CHANGED
                || (meaning == EtcdErrors.Verdict.REFUSED && status.getCode() == Status.Code.PERMISSION_DENIED);
        if (aboutTheUser) {
            connection.served();
            return null;
        }
        return unreachable(connection, "a read", patience, status);
    }

    /** Why a member has not answered {@code question}, which it had this long for. */
    Refusal unreachable(MemberConnection connection, String question, Duration patience, Status status) {
        Refusal untrusted = untrusted(connection, status);
        if (untrusted != null) {
            return untrusted;
        }
        String reason = switch (status.getCode()) {
            case DEADLINE_EXCEEDED ->
                connection + " did not answer " + question + " within " + patience.toMillis() + " ms";
            case UNIMPLEMENTED -> connection + " does not speak etcd's protocol, version 3: " + EtcdErrors.text(status);
            default -> connection + ": " + EtcdErrors.text(status);
        };
        return new Refusal(Refusal.Kind.UNREACHABLE, reason + hint(status, reason), status.asRuntimeException());
    }

    /** A token is asked for before anything else, so that a connection which cannot be made may show there first. */
    private Refusal explained(MemberConnection connection, Refusal refusal) {
        if (refusal.kind() != Refusal.Kind.UNREACHABLE
                || !(refusal.cause() instanceof StatusRuntimeException failure)) {
            return refusal;
        }
        Refusal untrusted = untrusted(connection, failure.getStatus());
        return untrusted != null
                ? untrusted
                : new Refusal(refusal.kind(), refusal.reason() + hint(failure.getStatus(), refusal.reason()), failure);
    }

    /** What TLS holds against the member, or the member against this client, or null. */
    private @Nullable Refusal untrusted(MemberConnection connection, Status status) {
        String tls = EtcdErrors.tlsRefusal(status);
        TlsContexts contexts = setup.tls();
        if (tls == null || contexts == null) {
            return null;
        }
        String fault = contexts.fault(Instant.now());
        return new Refusal(
                Refusal.Kind.UNTRUSTED,
                "no secure connection to " + connection + " could be made"
                        + (fault == null ? "" : ", probably because " + fault) + "; TLS says: " + tls,
                status.asRuntimeException());
    }

    /** A clause for a connection that looks as if one side spoke TLS and the other did not, or nothing. */
    private String hint(Status status, String reason) {
        boolean brokenOff = reason.contains("closed") || reason.contains("reset");
        if (setup.tls() == null && status.getCode() == Status.Code.UNAVAILABLE && brokenOff) {
            return "; if it demands TLS, " + options.howToUseTls();
        }
        return setup.tls() != null && EtcdErrors.isBrokenHandshake(status)
                ? "; if it speaks without TLS, " + options.howToDoWithoutTls()
                : "";
    }
}
