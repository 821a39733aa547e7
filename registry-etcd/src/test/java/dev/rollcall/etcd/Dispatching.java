package dev.rollcall.etcd;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.support.HandleThreads;
import dev.rollcall.kv.support.PendingCall;
import dev.rollcall.kv.support.PendingCalls;
import java.net.InetAddress;
import java.time.Duration;

/** What sends operations to etcd, without what operations are: a handle's parts for tests of them. */
final class Dispatching implements AutoCloseable {
    private final IoLoop loop = new IoLoop();
    private final HandleThreads threads = HandleThreads.open("etcd");
    private final MemberSelector members;
    private final RequestDispatcher dispatcher;
    private final PendingCalls calls;
    private final String name;

    private Dispatching(EtcdOptions options, Duration interval) {
        name = options.name();
        Tokens tokens = new Tokens(loop, threads.callbacks(), null, options.timeout());
        MemberConnection.Setup setup = new MemberConnection.Setup(
                loop, threads.callbacks(), null, options.connecting(), InetAddress::getAllByName);
        Probe probe = new Probe(
                new DirectCall(loop, tokens), setup, options, new EtcdRewindDetector(new KeySpace(options.prefix())));
        members = new MemberSelector(loop, setup, options, probe, interval);
        dispatcher = new RequestDispatcher(
                loop,
                tokens,
                new EtcdTransport(loop, tokens, options.timeout()),
                members,
                options.timeout(),
                options.batching());
        calls = new PendingCalls(options.timeout(), threads.time(), threads.callbacks());
        loop.execute(() -> members.open(new MemberSelector.Listener() {
            @Override
            public void found(MemberConnection connection) {
                dispatcher.resume();
            }

            @Override
            public void rewound(String reason) {}

            @Override
            public void lost(MemberConnection connection, Refusal reason) {
                dispatcher.refused(reason);
            }

            @Override
            public void noneFound(Refusal reason) {
                dispatcher.refused(reason);
            }
        }));
    }

    /** @param interval after which a member that has not served is asked whether it still does */
    static Dispatching to(String url, Duration interval) {
        return new Dispatching(EtcdOptions.of(BackendUrl.parse(url)), interval);
    }

    <T> PendingCall<T> begin(boolean write) {
        return calls.begin(new KvException.Context(name, "test", null), write);
    }

    void send(EtcdRequest<?, ?> request) {
        dispatcher.send(request);
    }

    @Override
    public void close() {
        calls.close();
        loop.execute(members::close);
        loop.close();
        threads.close();
    }
}
