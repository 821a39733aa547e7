package dev.rollcall.zookeeper;

import dev.rollcall.kv.TimeSource;
import dev.rollcall.zookeeper.Receipts.Slot;
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
 * One ZooKeeper session, from its first connection through all others to its end. Nothing is sent twice. A write in doubt is settled after the next
 * connection: a barrier in the same session makes sure that no earlier request can still be applied, and then the write's receipt shows whether it was.
 *
 * <p>Answers come on the client's event thread, one at a time and in order with the watch events; those to requests that could not be
 * sent come at once, on the caller's.
 */
final class Session {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);
    private static final Duration PAUSE_BEFORE_SETTLING = Duration.ofMillis(100);

    /*
     * Concurrency: lock guards every field below it. Wire's methods are called with it held, since they only queue; answers and
     * listeners never are. A slot in doubts belongs to the list until it is settled.
     */
    private final ZooKeeperConfig config;
    private final Transport.Opener opener;
    private final ClientThreads clients;
    private final SessionListener listener;
    private final TimeSource time;
    private final SilenceGuard guard;
    private final BatchLimit limit;
    private final ReadGate gate = new ReadGate();
    /** Set on the event thread, and never reset. */
    private volatile boolean watching;
    /** Set once, with the lock held. */
    private volatile @Nullable Transport transport;
    /** Set before it ends, and never reset. */
    private volatile @Nullable Throwable fault;

    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable FreshReads fresh;
    private @Nullable Receipts receiptSlots;
    private @Nullable WriteQueue writes;
    private Doubts doubts = new Doubts();
    private boolean connected;
    private boolean ended;

    /** @param patience how long an answer is waited for before another member is tried */
    Session(
            ZooKeeperConfig config,
            Transport.Opener opener,
            ClientThreads clients,
            TimeSource time,
            SilenceGuard.Patience patience,
            SessionListener listener) {
        this.time = time;
        this.guard = new SilenceGuard(time, patience, config.name(), this::connectedWire);
        this.limit = new BatchLimit(time::nanoTime);
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
            if (ended) {
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
            ended = true;
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
        return connectedWire() != null;
    }

    private @Nullable Transport connectedWire() {
        lock.lock();
        try {
            return connected ? transport : null;
        } finally {
            lock.unlock();
        }
    }

    // --- Requests

    /** Reads all at one moment, from what this session's server has; that may be behind. */
    void read(List<Op> ops, Consumer<Reply> answer) {
        gate.enter(
                ops.size(), answer, told -> send(told, () -> present(transport).read(ops, told)));
    }

    void look(String path, BiConsumer<Code, @Nullable Stat> answer) {
        send(
                reply -> answer.accept(reply.code(), null),
                () -> present(transport).look(path, answer));
    }

    /** Reads all at one moment, which lies after this call. */
    void readFresh(List<Op> ops, Consumer<Reply> answer) {
        gate.enter(ops.size(), answer, told -> send(told, () -> present(fresh).read(ops, told)));
    }

    /** Asks a majority whether this session is alive. */
    void barrier(Consumer<Reply> answer) {
        send(answer, () -> FreshReads.barrier(present(transport), answer));
    }

    /** Has every later change below {@code path} told to the listener, from some moment before the answer. */
    void watchBelow(String path, Consumer<Code> answer) {
        send(
                unsent -> answer.accept(unsent.code()),
                () -> present(transport).watchBelow(path, this::processChange, code -> {
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
        Code refused;
        lock.lock();
        try {
            if (connected) {
                sending.run();
                guard.sent(present(transport));
                return;
            }
            refused = ended ? Code.SESSIONEXPIRED : Code.CONNECTIONLOSS;
        } finally {
            lock.unlock();
        }
        answer.accept(Reply.unsent(refused));
    }

    /**
     * Writes all or nothing.
     *
     * @param alone whether it must not share a transaction with others
     * @param departure asked, perhaps under a lock, when it is about to be sent: whether somebody still waits for it
     */
    void write(List<Op> ops, boolean alone, BooleanSupplier departure, Consumer<WriteResult> answer) {
        PendingWrite write = PendingWrite.of(config.layout(), ops, alone, departure, answer);
        Code refused;
        lock.lock();
        try {
            if (connected) {
                present(writes).add(write);
                guard.sent(present(transport));
                return;
            }
            refused = ended ? Code.SESSIONEXPIRED : Code.CONNECTIONLOSS;
        } finally {
            lock.unlock();
        }
        answer.accept(new WriteResult.NotApplied(refused, false));
    }

    /** Writes all or nothing, without a receipt: for what may be done twice, or is looked at again anyway. */
    void writePlain(List<Op> ops, Consumer<Reply> answer) {
        send(answer, () -> present(transport).write(ops, answer));
    }

    private void written(WriteQueue queue, WriteQueue.Batch batch, Reply reply) {
        WriteResult written = WriteResult.of(reply);
        Runnable answers;
        lock.lock();
        try {
            Slot slot = batch.slot();
            if (written instanceof WriteResult.Unknown && !ended) {
                doubts.add(slot, batch.answer());
                queue.doubtful(batch);
                return;
            }
            if (connected && writes == queue && queue.mend(batch, written)) {
                return;
            }
            slot.exists |= written instanceof WriteResult.Applied;
            present(receiptSlots).release(slot);
            answers = queue.ended(batch, written);
        } finally {
            lock.unlock();
        }
        answers.run();
    }

    /** Called with the lock held, when the connection is gone. */
    private Runnable closeWrites(Code cause) {
        WriteQueue closing = writes;
        writes = null;
        return closing == null ? () -> {} : closing.close(cause);
    }

    /** Gives up the present connection for another. */
    void reconnect() {
        Transport present = connectedWire();
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
            reachable = connected && !ended;
            connected = false;
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
            ended = true;
            connected = false;
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
            if (ended) {
                return;
            }
            connected = true;
            if (receiptSlots == null) {
                receiptSlots = new Receipts(
                        config.layout().own(),
                        present(transport).sessionId(),
                        config.access().own());
            }
            unsent = closeWrites(Code.CONNECTIONLOSS);
            writes = new WriteQueue(present(transport), present(receiptSlots), limit, config.batching(), this::written);
            settle();
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
            if (ended) {
                return;
            }
            connected = false;
            unsent = closeWrites(Code.CONNECTIONLOSS);
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
        Doubts unsettled;
        boolean first;
        Runnable unsent;
        lock.lock();
        try {
            first = !ended;
            ended = true;
            connected = false;
            unsettled = doubts;
            doubts = new Doubts();
            unsent = closeWrites(cause);
        } finally {
            lock.unlock();
        }
        guard.close();
        unsent.run();
        unsettled.giveUp(cause);
        if (first && tell) {
            listener.ended(this, cause);
        }
    }

    /**
     * Called at the start of a connection, with the lock held, and again if the server was too busy. Whatever an earlier connection had on its way is refused by the leader
     * once it has seen the barrier, because the session has moved; so the receipts are final.
     */
    private void settle() {
        lock.lock();
        try {
            Doubts open = doubts;
            if (connected && !open.isEmpty()) {
                doubts = new Doubts();
                present(fresh).read(open.reads(), reply -> settled(open, reply));
            }
        } finally {
            lock.unlock();
        }
    }

    private void settled(Doubts open, Reply reply) {
        Runnable told;
        lock.lock();
        try {
            if (!reply.isOk() && !ended) {
                // Lost again: the next connection brings the next chance. Where there is still this one, the server is
                // just too busy.
                doubts.addAll(open);
                if (reply.code() != Code.CONNECTIONLOSS) {
                    time.schedule(PAUSE_BEFORE_SETTLING, this::settle);
                }
                return;
            }
            told = open.settle(reply, present(receiptSlots));
            if (connected && writes != null) {
                writes.dispatch();
            }
        } finally {
            lock.unlock();
        }
        told.run();
    }

    private static <T> T present(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("A session that is connected has a client.");
        }
        return value;
    }
}
