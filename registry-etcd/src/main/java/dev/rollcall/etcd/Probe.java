package dev.rollcall.etcd;

import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.StatusRequest;
import io.etcd.jetcd.api.StatusResponse;
import io.grpc.CallOptions;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Asks a member whether it can serve: a status request, which needs no agreement with other members. */
final class Probe {
    private final IoLoop loop;
    private final Link.Setup setup;
    private final EtcdOptions options;
    private final Tokens tokens;

    Probe(IoLoop loop, Link.Setup setup, EtcdOptions options, Tokens tokens) {
        this.loop = loop;
        this.setup = setup;
        this.options = options;
        this.tokens = tokens;
    }

    /** Asks {@code link}, and tells on the loop why it cannot serve, or null if it can; takes {@code patience} at most. */
    void ask(Link link, Duration patience, Consumer<@Nullable Refusal> verdict) {
        CallOptions limits = CallOptions.DEFAULT.withDeadlineAfter(patience.toNanos(), TimeUnit.NANOSECONDS);
        UnaryCall.start(
                link,
                MaintenanceGrpc.getStatusMethod(),
                limits,
                tokens.present(),
                StatusRequest.getDefaultInstance(),
                (status, answer) -> loop.execute(() -> verdict.accept(judge(link, patience, status, answer))));
    }

    private @Nullable Refusal judge(Link link, Duration patience, Status status, @Nullable StatusResponse answer) {
        if (answer != null && status.isOk()) {
            link.answered();
            return answer.getLeader() == 0
                    ? new Refusal(Refusal.Kind.UNREACHABLE, link + " has no leader", null)
                    : null;
        }
        if (EtcdErrors.isAboutTheUser(status)) {
            // Newer servers tell their status only to some users. That it has a leader is asked for by a header.
            link.answered();
            return null;
        }
        String tls = EtcdErrors.tlsRefusal(status);
        EtcdOptions.Tls settings = options.tls();
        if (tls != null && settings != null) {
            String fault = TlsFiles.fault(settings, Instant.now());
            return new Refusal(
                    Refusal.Kind.DENIED,
                    "no secure connection to " + link + " could be made"
                            + (fault == null ? "" : ", probably because " + fault) + "; TLS says: " + tls,
                    status.asRuntimeException());
        }
        String reason = switch (status.getCode()) {
            case DEADLINE_EXCEEDED -> link + " did not answer within " + patience.toMillis() + " ms";
            case UNIMPLEMENTED -> link + " does not speak etcd's protocol, version 3: " + EtcdErrors.text(status);
            default -> link + ": " + EtcdErrors.text(status);
        };
        boolean brokenOff = reason.contains("closed") || reason.contains("reset");
        if (setup.tls() == null && status.getCode() == Status.Code.UNAVAILABLE && brokenOff) {
            reason += "; if it demands TLS, the URL has to start with etcds://";
        }
        return new Refusal(Refusal.Kind.UNREACHABLE, reason, status.asRuntimeException());
    }
}
