package dev.rollcall.zookeeper;

import dev.rollcall.kv.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One ZooKeeper session, from its first connection through all others to its end: begins it, hears from the client what becomes of it, and takes requests while
 * it is connected. Nothing is sent twice; what became of a write whose reply was lost, {@link SessionWrites} finds out after the next connection.
 *
 * <p>Answers come on the client's event thread, one at a time and in order with the watch events; those to requests that could not be
 * sent come at once, on the caller's.
 */
final class Session {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    /*
     * Concurrency: state.lock guards every field below it, and the writes. The transport's methods are called with it held, since they only queue; answers
     * and listeners never are.
     */
    private final ZooKeeperConfig config;
    private final Transport.Opener opener;
    private final ClientThreads clients;
    private final SessionListener listener;
    private final SilenceGuard guard;
    private final NodeSizes sizes = new NodeSizes();
    private final ReadGate gate = new ReadGate(sizes);
    /** Set on the event thread, and never reset. */
    private volatile boolean watching;
    /** Set once, with the lock held. */
    private volatile @Nullable Transport transport;
    /** Set before it ends, and never reset. */
    private volatile @Nullable Throwable fault;

    private final SessionState state = new SessionState();
    private final ReentrantLock lock = state.lock;
    private final SessionWrites writes;
    private @Nullable FreshReads fresh;
    /** Another object for each connection. */
    private Object connection = new Object();

    /** @param patience how long an answer is waited for before another member is tried */
    Session(
            ZooKeeperConfig config,
            Transport.Opener opener,
            ClientThreads clients,
            TimeSource time,
            SilenceGuard.Patience patience,
            SessionListener listener) {
        this.guard = new SilenceGuard(time, patience, config.name(), this::connectedTransport);
        this.writes = new SessionWrites(config, time, state);
        this.config = config;
        this.opener = opener;
        this.clients = clients;
        this.listener = listener;
    }

    /** Begins to connect, with a timeout as close to this as the server allows. */
    void open(int timeoutMillis) {
        clients.open(() -> connect(timeoutMillis));
    }

    private void connect(int timeoutMillis) {
        lock.lock();
        try {
            if (state.ended) {
                return;
            }
            Transport opened = opener.open(config, timeoutMillis, this::process, new Endpoints.Faults() {
                @Override
                public void failed(int attempts, String reasons) {
                    listener.unreachable(Session.this, attempts, reasons);
                }

                @Override
                public void refused(Duration lost) {
                    giveUp(lost);
                }

                @Override
                public void crashed(Throwable cause) {
                    crash(cause);
                }
            });
            transport = opened;
            fresh = new FreshReads(opened, config.batching());
            return;
        } catch (IOException | RuntimeException | Error e) {
            // Errors as well: where there is no memory for another thread, there may be some in a while.
            state.ended = true;
            fault = e;
            LOG.warn("ZooKeeper's client could not be started for {}.", config.name(), e);
        } finally {
            lock.unlock();
        }
        listener.ended(this, Code.SYSTEMERROR);
    }

    /** ZooKeeper's name for the session; 0 before the first connection. */
    long id() {
        Transport present = transport;
        return present == null ? 0 : present.sessionId();
    }

    /** The last transaction that a reply has told of. */
    long lastZxid() {
        Transport present = transport;
        return present == null ? 0 : present.lastZxid();
    }

    /** The timeout that the server has granted; 0 before the first connection. */
    int timeoutMillis() {
        Transport present = transport;
        return present == null ? 0 : present.grantedTimeoutMillis();
    }

    /** A moment before the present connection began, by {@link System#nanoTime}: the server has counted the timeout that it granted from later on. */
    long connectingSince() {
        Transport present = transport;
        return present == null ? System.nanoTime() : present.attemptedAt();
    }

    /** The member that was tried last, for messages. */
    String member() {
        Transport present = transport;
        return present == null ? "no member yet" : present.member();
    }

    boolean isConnected() {
        return connectedTransport() != null;
    }

    /** What stands for the present connection, or the last one: each has another. */
    Object connection() {
        lock.lock();
        try {
            return connection;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Transport connectedTransport() {
        lock.lock();
        try {
            return state.connected ? transport : null;
        } finally {
            lock.unlock();
        }
    }

    // --- Requests

    /** Reads all at one moment, from what this session's server has; that may be behind. */
    void read(List<Op> ops, Consumer<Reply> answer) {
        gate.enter(
                paths(ops),
                answer,
                told -> send(told, () -> SessionState.present(transport).read(ops, told)));
    }

    private static List<String> paths(List<Op> ops) {
        return ops.stream().map(Op::getPath).toList();
    }

    /** What nodes weigh in its replies. */
    NodeSizes sizes() {
        return sizes;
    }

    void look(String path, BiConsumer<Code, @Nullable Stat> answer) {
        send(
                reply -> answer.accept(reply.code(), null),
                () -> SessionState.present(transport).look(path, answer));
    }

    /** Reads all at one moment, which lies after this call. */
    void readFresh(List<Op> ops, Consumer<Reply> answer) {
        gate.enter(
                paths(ops),
                answer,
                told -> send(told, () -> SessionState.present(fresh).read(ops, told)));
    }

    /** Asks a majority whether this session is alive. */
    void barrier(Consumer<Reply> answer) {
        send(answer, () -> FreshReads.barrier(SessionState.present(transport), answer));
    }

    /** Has every later change below {@code path} told to the listener, from some moment before the answer. */
    void watchBelow(String path, Consumer<Code> answer) {
        send(
                unsent -> answer.accept(unsent.code()),
                () -> SessionState.present(transport).watchBelow(path, this::processChange, code -> {
                    if (code == Code.OK) {
                        watching = true;
                    }
                    answer.accept(code);
                }));
    }

    /** Whether it has a watch, which the client renews at the start of each connection. */
    boolean isWatching() {
        return watching;
    }

    private void send(Consumer<Reply> answer, Runnable sending) {
        Code refused = trySending(sending);
        if (refused != null) {
            answer.accept(Reply.unsent(refused));
        }
    }

    /** Sends it if there is a connection; else returns what it is to be refused with. */
    private @Nullable Code trySending(Runnable sending) {
        lock.lock();
        try {
            Code refused = state.refusal();
            if (refused == null) {
                sending.run();
                guard.sent(SessionState.present(transport));
            }
            return refused;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Writes all or nothing.
     *
     * @param alone whether it must not share a transaction with others
     * @param departure asked, perhaps under a lock, when it is about to be sent: whether somebody still waits for it
     */
    void write(List<Op> ops, boolean alone, BooleanSupplier departure, Consumer<WriteResult> answer) {
        PendingWrite write = PendingWrite.of(config.layout(), ops, alone, departure, answer);
        Code refused = trySending(() -> writes.add(write));
        if (refused != null) {
            answer.accept(new WriteResult.NotApplied(refused, false));
        }
    }

    /** Writes all or nothing, without a receipt: for what may be done twice, or is looked at again anyway. */
    void writePlain(List<Op> ops, Consumer<Reply> answer) {
        send(answer, () -> SessionState.present(transport).write(ops, answer));
    }

    /** Gives up the present connection for another. */
    void reconnect() {
        Transport present = connectedTransport();
        if (present != null) {
            present.reconnect();
        }
    }

    // --- Ends

    /** Ends the session at the server; its ephemerals are gone when the answer is OK. Without a connection there is no saying when. */
    void end(Consumer<Reply> answer) {
        Transport present;
        boolean reachable;
        lock.lock();
        try {
            present = transport;
            reachable = state.connected && !state.ended;
            state.connected = false;
        } finally {
            lock.unlock();
        }
        if (reachable && present != null) {
            present.endSession(reply -> {
                finish(Code.SESSIONEXPIRED, false);
                answer.accept(reply);
            });
            return;
        }
        answer.accept(Reply.unsent(Code.CONNECTIONLOSS));
    }

    /** Lets go of the session without a word to the server. Its requests are answered soon, as lost. */
    void abandon() {
        Transport present;
        lock.lock();
        try {
            present = transport;
            state.ended = true;
            state.connected = false;
        } finally {
            lock.unlock();
        }
        if (present != null) {
            clients.part(() -> {
                present.abandon();
                finish(Code.SESSIONEXPIRED, false);
            });
        }
    }

    // --- What the client tells

    private void processChange(WatchedEvent event) {
        // The client also tells every watch what becomes of the session, which process() hears anyway.
        if (event.getType() != EventType.None && event.getPath() != null) {
            listener.event(this, event);
        }
    }

    /** What comes from the client cannot be handled any more, for want of memory perhaps: the session ends, and says so, rather than fall silent. */
    private void crash(Throwable cause) {
        String session = Long.toHexString(id());
        LOG.error("The session 0x{} on {} ends, since it failed to handle an answer.", session, config.name(), cause);
        fault = cause;
        letGo(Code.SYSTEMERROR);
    }

    /** What has ended it, if that was in this process, rather than at a server. */
    @Nullable
    Throwable fault() {
        return fault;
    }

    /** Ends a session that members refuse to take, once it must have expired; one that was put back with an old store may be there still. */
    private void giveUp(Duration lost) {
        if (id() != 0 && lost.toMillis() >= timeoutMillis()) {
            LOG.info("The session 0x{} on {} is given up.", Long.toHexString(id()), config.name());
            letGo(Code.CONNECTIONLOSS);
        }
    }

    private void letGo(Code cause) {
        Transport present = transport;
        finish(cause, true);
        if (present != null) {
            clients.part(present::abandon);
        }
    }

    private void process(WatchedEvent event) {
        if (event.getType() != EventType.None) {
            return;
        }
        if (event.getState() == null) {
            // What the client says when it cannot even begin to log in by SASL.
            onAuthFailed();
            return;
        }
        switch (event.getState()) {
            case SyncConnected -> onConnected();
            case Disconnected -> onSuspended();
            case Expired -> finish(Code.SESSIONEXPIRED, true);
            case AuthFailed -> onAuthFailed();
            default -> LOG.debug("The session on {} is told {}.", config.name(), event.getState());
        }
    }

    private void onConnected() {
        Runnable unsent;
        lock.lock();
        try {
            if (state.ended) {
                return;
            }
            state.connected = true;
            connection = new Object();
            unsent = writes.connected(SessionState.present(transport), SessionState.present(fresh));
        } finally {
            lock.unlock();
        }
        unsent.run();
        listener.connected(this);
    }

    private void onSuspended() {
        Runnable unsent;
        lock.lock();
        try {
            if (state.ended) {
                return;
            }
            state.connected = false;
            unsent = writes.disconnected(Code.CONNECTIONLOSS);
        } finally {
            lock.unlock();
        }
        unsent.run();
        listener.suspended(this);
    }

    /** A failure of the client's own to log in is told in the same way, but it goes on without: then the server decides. */
    private void onAuthFailed() {
        Transport present = transport;
        if (present != null && present.isDenied()) {
            finish(Code.AUTHFAILED, true);
        }
    }

    private void finish(Code cause, boolean tell) {
        boolean first;
        Runnable unanswered;
        lock.lock();
        try {
            first = !state.ended;
            state.ended = true;
            state.connected = false;
            unanswered = writes.ended(cause);
        } finally {
            lock.unlock();
        }
        guard.close();
        unanswered.run();
        if (first && tell) {
            listener.ended(this, cause);
        }
    }
}
