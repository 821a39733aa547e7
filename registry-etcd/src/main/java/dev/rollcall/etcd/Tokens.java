package dev.rollcall.etcd;

import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.AuthenticateResponse;
import io.grpc.CallOptions;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The token that a password is exchanged for. All members accept it, until it has not been used for some minutes or the member that
 * checks it was restarted; then a new one is needed. Confined to the {@link IoLoop}.
 */
final class Tokens {
    private final IoLoop loop;
    private final EtcdOptions.@Nullable Credentials credentials;
    private final Duration patience;
    private final List<Consumer<@Nullable Refusal>> waiting = new ArrayList<>();
    private @Nullable String token;
    private boolean notNeeded;

    /** Tokens for {@code credentials}, or none at all. */
    Tokens(IoLoop loop, EtcdOptions.@Nullable Credentials credentials, Duration patience) {
        this.loop = loop;
        this.credentials = credentials;
        this.patience = patience;
        this.notNeeded = credentials == null;
    }

    /** The present token, or null if calls are made without one. */
    @Nullable
    String present() {
        return token;
    }

    /** Whether there is a password to exchange. */
    boolean canRenew() {
        return credentials != null;
    }

    /** Sees to it that there is a token if one is needed, and tells why there is none, or null. */
    void ensure(Link link, Consumer<@Nullable Refusal> then) {
        if (token != null || notNeeded) {
            then.accept(null);
        } else {
            renew(link, null, then);
        }
    }

    /** Gets a token in place of {@code stale}, unless that has been done meanwhile; tells why it could not be had, or null. */
    void renew(Link link, @Nullable String stale, Consumer<@Nullable Refusal> then) {
        EtcdOptions.Credentials known = credentials;
        if (known == null || (token != null && !token.equals(stale))) {
            then.accept(null);
            return;
        }
        waiting.add(then);
        if (waiting.size() > 1) {
            return;
        }
        AuthenticateRequest question = AuthenticateRequest.newBuilder()
                .setName(known.user())
                .setPassword(known.password())
                .build();
        UnaryCall.start(
                link,
                AuthGrpc.getAuthenticateMethod(),
                CallOptions.DEFAULT.withDeadlineAfter(patience.toNanos(), TimeUnit.NANOSECONDS),
                null,
                question,
                (status, answer) -> loop.execute(() -> answered(link, status, answer)));
    }

    private void answered(Link link, Status status, @Nullable AuthenticateResponse answer) {
        Refusal refusal = null;
        if (answer != null) {
            token = answer.getToken();
            notNeeded = false;
        } else if (EtcdErrors.isAuthenticationOff(status)) {
            token = null;
            notNeeded = true;
        } else if (EtcdErrors.isWrongPassword(status)) {
            refusal = new Refusal(
                    Refusal.Kind.DENIED,
                    "the store does not accept this user and password",
                    status.asRuntimeException());
        } else {
            refusal = new Refusal(
                    Refusal.Kind.UNREACHABLE,
                    link + " could not check the password: " + EtcdErrors.text(status),
                    status.asRuntimeException());
        }
        List<Consumer<@Nullable Refusal>> told = List.copyOf(waiting);
        waiting.clear();
        for (Consumer<@Nullable Refusal> then : told) {
            then.accept(refusal);
        }
    }
}
