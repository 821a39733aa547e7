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

/** Asks a member whether it can serve: a status request, which needs no permission and no agreement with other members. */
final class Probe {
    private final IoLoop loop;
    private final Link.Setup setup;
    private final EtcdOptions options;
    private final Duration patience;

    /** Asks that give up after {@code patience}. */
    Probe(IoLoop loop, Link.Setup setup, EtcdOptions options, Duration patience) {
        this.loop = loop;
        this.setup = setup;
        this.options = options;
        this.patience = patience;
    }

    /** Asks {@code link}, and tells on the loop why it cannot serve, or null if it can. */
    void ask(Link link, Consumer<@Nullable Refusal> verdict) {
        CallOptions limits = CallOptions.DEFAULT.withDeadlineAfter(patience.toNanos(), TimeUnit.NANOSECONDS);
        UnaryCall.start(
                link,
                MaintenanceGrpc.getStatusMethod(),
                limits,
                null,
                StatusRequest.getDefaultInstance(),
                (status, answer) -> loop.execute(() -> verdict.accept(judge(link, status, answer))));
    }

    private @Nullable Refusal judge(Link link, Status status, @Nullable StatusResponse answer) {
        if (answer != null && status.isOk()) {
            link.answered();
            return answer.getLeader() == 0
                    ? new Refusal(Refusal.Kind.UNREACHABLE, link + " has no leader", null)
                    : null;
        }
        String tls = EtcdErrors.tlsFailure(status);
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
        if (setup.tls() == null && status.getCode() == Status.Code.UNAVAILABLE && reason.contains("closed")) {
            reason += "; if it demands TLS, the URL has to start with etcds://";
        }
        return new Refusal(Refusal.Kind.UNREACHABLE, reason, status.asRuntimeException());
    }
}
