package dev.rollcall.etcd;

import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.AuthenticateResponse;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The token that the password is exchanged for. All members accept it, until it expires or the member that checks it is restarted; then each call or stream
 * that was refused with the old token asks for a new one here. It waits only for its own member, for as long as that is in use: a silent member delays no other
 * call, nor any that can go elsewhere. Confined to the {@link IoLoop}.
 */
final class Tokens {
    /** Signed tokens, which name no index, have more parts. */
    private static final Pattern SIMPLE = Pattern.compile("[^.]+\\.\\d+");

    private final IoLoop loop;
    private final Executor blocking;
    private final @Nullable Credentials credentials;
    private final Duration patience;
    /** Who waits for a token, by the connection that was asked for it. */
    private final Map<MemberConnection, List<Waiter>> waiting = new HashMap<>();

    private @Nullable String token;
    /** Whether the store has said that it asks nobody for a password, which may change. */
    private boolean off;
    /** Whether the token may be what makes members silent. */
    private boolean doubted;

    /**
     * Tokens for {@code credentials}, or none at all.
     *
     * @param blocking reads files
     * @param patience for a member that is in use
     */
    Tokens(IoLoop loop, Executor blocking, @Nullable Credentials credentials, Duration patience) {
        this.loop = loop;
        this.blocking = blocking;
        this.credentials = credentials;
        this.patience = patience;
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

    /** Whether a token will be needed, as far as is known, and there is none, or none that can be relied on. */
    boolean isMissing() {
        return credentials != null && (token == null || doubted) && !off;
    }

    /**
     * No member has served, and some were silent. That may be due to the token: one of etcd's simple tokens names the index in the log that it was made
     * at, and a member waits until it has come so far, which a store that was put back to an earlier state will not for long.
     */
    void doubt() {
        doubted |= token != null && SIMPLE.matcher(token).matches();
    }

    /** Gets a token in place of {@code stale}, unless that has been done meanwhile; tells why it could not be had, or null. */
    void renew(MemberConnection connection, @Nullable String stale, Consumer<@Nullable Refusal> then) {
        renew(connection, stale, patience, then);
    }

    /** The same, for {@code limit} at most. */
    void renew(MemberConnection connection, @Nullable String stale, Duration limit, Consumer<@Nullable Refusal> then) {
        Credentials known = credentials;
        if (known == null || (token != null && !token.equals(stale))) {
            then.accept(null);
            return;
        }
        // Until the answer comes, also where those who waited for it have given up.
        boolean underWay = waiting.containsKey(connection);
        List<Waiter> queue = waiting.computeIfAbsent(connection, asked -> new ArrayList<>());
        Waiter waiter = new Waiter(then);
        queue.add(waiter);
        if (underWay || known.isInFile()) {
            // Who asked first may have more patience, and reading a file takes as long as it takes.
            waiter.cancelLimit = loop.schedule(limit, () -> {
                if (queue.remove(waiter)) {
                    waiter.tell(silent(connection, limit));
                }
            });
        }
        if (underWay) {
            return;
        }
        if (known.isInFile()) {
            blocking.execute(() -> read(connection, known, limit));
        } else {
            ask(connection, known, known.password(), limit);
        }
    }

    /** The member is not in use any more: whoever waits for a token there is to look elsewhere. If its answer still comes, the token is as good as any. */
    void lost(MemberConnection connection, Refusal reason) {
        tell(connection, new Refusal(Refusal.Kind.UNREACHABLE, reason.reason(), reason.cause()));
    }

    private static Refusal silent(MemberConnection connection, Duration limit) {
        return new Refusal(
                Refusal.Kind.UNREACHABLE,
                connection + " did not check the password within " + limit.toMillis() + " ms",
                Status.DEADLINE_EXCEEDED.asRuntimeException());
    }

    /** Somebody who waits for a token, once. */
    private final class Waiter {
        private final Consumer<@Nullable Refusal> then;
        private Runnable cancelLimit = () -> {};

        Waiter(Consumer<@Nullable Refusal> then) {
            this.then = then;
        }

        void tell(@Nullable Refusal refusal) {
            cancelLimit.run();
            // Its failure is nobody else's.
            loop.run(() -> then.accept(refusal));
        }
    }

    /** Reads the password, off the loop. */
    private void read(MemberConnection connection, Credentials known, Duration limit) {
        try {
            String password = known.password();
            loop.execute(() -> ask(connection, known, password, limit));
        } catch (IllegalArgumentException e) {
            String reason = "the file that '" + EtcdOptions.PASSWORD_FILE + "' names has no password that can be read";
            loop.execute(() -> tell(connection, new Refusal(Refusal.Kind.PASSWORD, reason, e)));
        } catch (RuntimeException | Error e) {
            // Nobody may wait for a thread that has failed.
            Refusal refusal = new Refusal(Refusal.Kind.PASSWORD, "the password could not be read: " + e, e);
            loop.execute(() -> tell(connection, refusal));
        }
    }

    private void ask(MemberConnection connection, Credentials known, String password, Duration limit) {
        AuthenticateRequest question = AuthenticateRequest.newBuilder()
                .setName(known.user())
                .setPassword(password)
                .build();
        UnaryCall.CallTrace trace = new UnaryCall.CallTrace();
        UnaryCall.start(
                connection,
                AuthGrpc.getAuthenticateMethod(),
                UnaryCall.within(limit, trace),
                null,
                question,
                (status, answer) ->
                        loop.execute(() -> answered(connection, known, trace.isAnswered(), status, answer)));
    }

    private void answered(
            MemberConnection connection,
            Credentials known,
            boolean byServer,
            Status status,
            @Nullable AuthenticateResponse answer) {
        Refusal refusal = null;
        if (answer != null) {
            token = answer.getToken();
            off = false;
            doubted = false;
        } else if (byServer && EtcdErrors.isAuthenticationOff(status)) {
            token = null;
            off = true;
            doubted = false;
        } else if (byServer && EtcdErrors.isWrongPassword(status)) {
            // A file may have the new password before the store does, or after it.
            refusal = new Refusal(
                    known.isInFile() ? Refusal.Kind.PASSWORD : Refusal.Kind.DENIED,
                    "the store does not accept this user and password",
                    status.asRuntimeException());
        } else {
            refusal = new Refusal(
                    Refusal.Kind.UNREACHABLE,
                    connection + " could not check the password: " + EtcdErrors.text(status),
                    status.asRuntimeException());
        }
        tell(connection, refusal);
    }

    private void tell(MemberConnection connection, @Nullable Refusal refusal) {
        List<Waiter> told = waiting.remove(connection);
        if (told != null) {
            // Copied and emptied, so that no limit tells anybody twice.
            List<Waiter> all = List.copyOf(told);
            told.clear();
            all.forEach(waiter -> waiter.tell(refusal));
        }
    }
}
