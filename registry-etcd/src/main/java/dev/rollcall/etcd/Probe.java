package dev.rollcall.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks a member whether it can serve, by what callers need of it: a linearizable read of one key. A member without a leader, a learner, one
 * that cannot reach the others or whose disk hangs answer their status and fail this.
 */
final class Probe {
    private final DirectCall calls;
    private final Link.Setup setup;
    private final EtcdOptions options;
    private final ByteString key;

    Probe(DirectCall calls, Link.Setup setup, EtcdOptions options, ByteString key) {
        this.calls = calls;
        this.setup = setup;
        this.options = options;
        this.key = key;
    }

    /** Asks {@code link}, and tells on the loop why it cannot serve, or null if it can; takes {@code patience} at most for each question. */
    void ask(Link link, Duration patience, Consumer<@Nullable Refusal> verdict) {
        RangeRequest question =
                RangeRequest.newBuilder().setKey(key).setKeysOnly(true).build();
        calls.ask(
                link,
                KVGrpc.getRangeMethod(),
                question,
                patience,
                (refusal, status, answered, answer) ->
                        verdict.accept(refusal != null ? refusal : judge(link, patience, status, answered, answer)));
    }

    private @Nullable Refusal judge(
            Link link, Duration patience, Status status, boolean answered, @Nullable RangeResponse answer) {
        // Who may not read this key is told so after the read has been agreed on: the member serves, if others.
        EtcdErrors.Verdict meaning = EtcdErrors.verdict(status, true, answered);
        boolean aboutTheUser = meaning == EtcdErrors.Verdict.STALE_TOKEN
                || (meaning == EtcdErrors.Verdict.REFUSED && status.getCode() == Status.Code.PERMISSION_DENIED);
        if (answer != null || aboutTheUser) {
            link.served();
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
            case DEADLINE_EXCEEDED -> link + " did not answer a read within " + patience.toMillis() + " ms";
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
