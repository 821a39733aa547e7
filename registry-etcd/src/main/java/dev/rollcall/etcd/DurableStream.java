package dev.rollcall.etcd;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A stream that is opened again, after a pause that grows, whenever it has ended and its owner still wants it: at the member that is in
 * use by then, and with a new token if the old one was refused. Confined to the {@link IoLoop}.
 */
final class DurableStream<Q, A> {
    private static final long FIRST_PAUSE_MILLIS = 20;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    /** What a stream is for. */
    interface Owner<Q, A> {
        /** Whether there is anything to say or to hear. */
        boolean isWanted();

        /** A new life has begun: whatever is to be heard of by it has to be asked for. */
        void opened(Life<Q, A> life);

        /** A message has come. */
        void told(Life<Q, A> life, A message);

        /** A life has ended by itself, and another follows if one is wanted. */
        void ended(Life<Q, A> life);
    }

    private final IoLoop loop;
    private final Tokens tokens;
    private final MethodDescriptor<Q, A> method;
    private final Owner<Q, A> owner;
    private final MemberSelector members;

    private @Nullable Life<Q, A> life;
    private boolean waiting;
    private long pauseMillis = FIRST_PAUSE_MILLIS;
    private boolean closed;

    DurableStream(
            IoLoop loop, Tokens tokens, MemberSelector members, MethodDescriptor<Q, A> method, Owner<Q, A> owner) {
        this.loop = loop;
        this.tokens = tokens;
        this.members = members;
        this.method = method;
        this.owner = owner;
    }

    /** The present life, or null. */
    @Nullable
    Life<Q, A> life() {
        return life;
    }

    /** Opens the stream if it is wanted, is not open, and there is a member. */
    void open() {
        MemberConnection connection = members.current();
        if (life != null && !life.connection.equals(connection)) {
            // What should have ended it with its connection has failed.
            drop();
        }
        if (closed || life != null || waiting || connection == null || !owner.isWanted()) {
            return;
        }
        Life<Q, A> begun = new Life<>(this, connection, tokens.present());
        life = begun;
        begun.start();
        owner.opened(begun);
    }

    /** Ends the present life; the next begins with {@link #open}. */
    void drop() {
        Life<Q, A> old = life;
        life = null;
        if (old != null) {
            old.abandon();
        }
    }

    /** Ends the present life, and begins the next after a pause. */
    void renew() {
        drop();
        openSoon();
    }

    /** The next pause is a short one: the stream does what it is for. */
    void calm() {
        pauseMillis = FIRST_PAUSE_MILLIS;
    }

    /** Ends the stream for good. */
    void close() {
        closed = true;
        drop();
    }

    private void openSoon() {
        if (waiting) {
            return;
        }
        waiting = true;
        long pause = pauseMillis;
        pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, pauseMillis * 2);
        loop.schedule(Duration.ofMillis(ThreadLocalRandom.current().nextLong(pause / 2, pause + 1)), () -> {
            waiting = false;
            open();
        });
    }

    private void ended(Life<Q, A> over, boolean answered, Status status) {
        if (life != over) {
            return;
        }
        life = null;
        owner.ended(over);
        boolean changed = answered && EtcdErrors.isAuthChanged(status);
        if (tokens.canRenew() && (changed || (answered && EtcdErrors.isStaleToken(status)))) {
            waiting = true;
            tokens.renew(over.connection, over.token, refusal -> {
                waiting = false;
                openSoon();
            });
        } else {
            if (!changed) {
                members.suspect(over.connection);
            }
            openSoon();
        }
    }

    /** One life of a stream, at one member and with one token. */
    static final class Life<Q, A> extends ClientCall.Listener<A> {
        private final DurableStream<Q, A> stream;
        private final MemberConnection connection;
        private final @Nullable String token;
        private final UnaryCall.CallTrace trace = new UnaryCall.CallTrace();
        private final ClientCall<Q, A> call;
        private boolean abandoned;

        private Life(DurableStream<Q, A> stream, MemberConnection connection, @Nullable String token) {
            this.stream = stream;
            this.connection = connection;
            this.token = token;
            this.call = connection.call(stream.method, CallOptions.DEFAULT.withStreamTracerFactory(trace));
        }

        private void start() {
            call.start(this, MemberConnection.headers(token));
            call.request(1);
        }

        private void abandon() {
            abandoned = true;
            call.cancel("It goes on elsewhere.", null);
        }

        /** The token that it was opened with. */
        @Nullable
        String token() {
            return token;
        }

        /** The member that it was opened at. */
        MemberConnection connection() {
            return connection;
        }

        /** Sends a message. */
        void send(Q message) {
            call.sendMessage(message);
        }

        @Override
        public void onMessage(A message) {
            // A message too many may arrive after the life has ended; another tells by now.
            if (!abandoned) {
                stream.loop.run(() -> stream.owner.told(this, message));
                call.request(1);
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            stream.loop.execute(() -> stream.ended(this, trace.isAnswered(), EtcdErrors.asServed(status)));
        }
    }
}
