package dev.rollcall.zookeeper;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.jute.Record;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.AsyncCallback.MultiCallback;
import org.apache.zookeeper.AsyncCallback.StatCallback;
import org.apache.zookeeper.AsyncCallback.VoidCallback;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.MultiOperationRecord;
import org.apache.zookeeper.MultiResponse;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.data.Stat;
import org.apache.zookeeper.proto.ExistsRequest;
import org.apache.zookeeper.proto.ExistsResponse;
import org.apache.zookeeper.proto.ReplyHeader;
import org.apache.zookeeper.proto.RequestHeader;
import org.jspecify.annotations.Nullable;

/**
 * ZooKeeper's client, showing two things that it knows and does not tell: the zxid of each reply, and whether a request that failed had left. Whatever
 * is thrown where it calls back, it would log and go on, and whoever waits for that call would wait for ever; so all of it is told as a
 * {@linkplain Endpoints.Faults#crashed crash}.
 */
final class ClientTransport extends ZooKeeper implements Transport {
    /** The number that ZooKeeper's protocol has for pings. */
    private static final int PING_XID = -2;

    private final Endpoints endpoints;
    private final Endpoints.Faults faults;
    private final Unanswered unanswered = new Unanswered();

    private ClientTransport(
            Endpoints endpoints, Endpoints.Faults faults, int timeoutMillis, Watcher watcher, ZKClientConfig config)
            throws IOException {
        // The text is only used for a chroot, which there is none of.
        super("ensemble", timeoutMillis, watcher, false, endpoints, config);
        this.endpoints = endpoints;
        this.faults = faults;
        endpoints.comparesWith(cnxn::getLastZxid);
    }

    /** Begins to connect. */
    static Transport open(ZooKeeperConfig config, int timeoutMillis, Watcher watcher, Endpoints.Faults faults)
            throws IOException {
        Endpoints endpoints = new Endpoints(
                config.ensemble(), timeoutMillis, config.timeouts().connect(), config.probe(), faults);
        Watcher guarded = event -> handle(faults, () -> watcher.process(event));
        ClientTransport transport =
                new ClientTransport(endpoints, faults, timeoutMillis, guarded, config.clientConfig());
        boolean opened = false;
        try {
            config.authenticate(transport);
            opened = true;
            return transport;
        } finally {
            // Its threads run by now, and nobody else knows of it.
            if (!opened) {
                transport.abandon();
            }
        }
    }

    @Override
    public void read(List<Op> ops, Consumer<Reply> answer) {
        multi(OpCode.multiRead, ops, answer);
    }

    @Override
    public void look(String path, BiConsumer<Code, @Nullable Stat> answer) {
        ReplyHeader reply = new ReplyHeader();
        Unanswered.Waiting waiting = unanswered.add(reply);
        StatCallback callback = (rc, where, context, stat) -> handle(faults, () -> {
            unanswered.remove(waiting);
            Code code = Code.get(rc);
            answer.accept(code == null ? Code.SYSTEMERROR : code, stat);
        });
        queue(header(OpCode.exists), reply, new ExistsRequest(path, false), new ExistsResponse(), callback);
    }

    @Override
    public void write(List<Op> ops, Consumer<Reply> answer) {
        multi(OpCode.multi, ops, answer);
    }

    @Override
    public void watchBelow(String path, Watcher listener, Consumer<Code> answer) {
        addWatch(
                path,
                event -> handle(faults, () -> listener.process(event)),
                AddWatchMode.PERSISTENT_RECURSIVE,
                (rc, where, context) -> handle(faults, () -> {
                    Code code = Code.get(rc);
                    answer.accept(code == null ? Code.SYSTEMERROR : code);
                }),
                null);
        // The header of that is the client's own; what is sent behind it is answered behind it, so its silence tells of
        // both.
        look(path, (code, stat) -> {});
    }

    private void multi(int type, List<Op> ops, Consumer<Reply> answer) {
        RequestHeader request = header(type);
        ReplyHeader reply = new ReplyHeader();
        Unanswered.Waiting waiting = unanswered.add(reply);
        MultiCallback callback = (rc, path, context, results) -> handle(faults, () -> {
            unanswered.remove(waiting);
            answer.accept(reply(request, reply, results));
        });
        queue(request, reply, new MultiOperationRecord(ops), new MultiResponse(), callback);
    }

    private static void handle(Endpoints.Faults faults, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            faults.crashed(e);
        }
    }

    @Override
    public void endSession(Consumer<Reply> answer) {
        RequestHeader request = header(OpCode.closeSession);
        ReplyHeader reply = new ReplyHeader();
        VoidCallback callback = (rc, path, context) -> handle(faults, () -> answer.accept(reply(request, reply, null)));
        queue(request, reply, null, null, callback);
    }

    @Override
    public void abandon() {
        endpoints.close();
        cnxn.disconnect();
    }

    @Override
    public void reconnect() {
        endpoints.suspect();
        try {
            getTestable().closeSocket();
        } catch (IOException e) {
            // It is closed then.
            return;
        }
        // Closing a channel does not wake the client up, which waits for something to read; something to send does.
        cnxn.queuePacket(new RequestHeader(PING_XID, OpCode.ping), null, null, null, null, null, null, null, null);
    }

    @Override
    public Duration silence() {
        return unanswered.silence();
    }

    @Override
    public Duration slowestAnswer() {
        return unanswered.slowest();
    }

    @Override
    public int members() {
        return endpoints.addresses();
    }

    @Override
    public String member() {
        return endpoints.current();
    }

    @Override
    public long attemptedAt() {
        return endpoints.attemptedAt();
    }

    @Override
    public long sessionId() {
        return getSessionId();
    }

    @Override
    public long lastZxid() {
        return cnxn.getLastZxid();
    }

    @Override
    public int grantedTimeoutMillis() {
        return getSessionTimeout();
    }

    @Override
    public boolean isDenied() {
        return getState() == States.AUTH_FAILED;
    }

    private void queue(
            RequestHeader request,
            ReplyHeader reply,
            @Nullable Record operation,
            @Nullable Record result,
            org.apache.zookeeper.AsyncCallback callback) {
        cnxn.queuePacket(request, reply, operation, result, callback, null, null, null, null);
    }

    private static RequestHeader header(int type) {
        RequestHeader request = new RequestHeader();
        request.setType(type);
        return request;
    }

    private static Reply reply(RequestHeader request, ReplyHeader reply, @Nullable List<OpResult> results) {
        Code code = Code.get(reply.getErr());
        // The client numbers a request when it writes it to the socket, and copies the number from the reply it has
        // read.
        return new Reply(
                        code == null ? Code.SYSTEMERROR : code,
                        reply.getZxid(),
                        reply.getXid() != 0,
                        request.getXid() != 0,
                        results == null ? List.of() : results)
                .judged();
    }
}
