package dev.rollcall.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.support.HandleThreads;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.OpResult.ErrorResult;
import org.apache.zookeeper.OpResult.GetChildrenResult;
import org.apache.zookeeper.OpResult.GetDataResult;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/**
 * A server whose every step the test decides: it answers one request at a time, in the order in which they were sent and from the state of
 * that moment, and tells of a change before it answers anything that shows it, as ZooKeeper does. It serves one handle without leases.
 */
final class ScriptedServer implements Transport {
    /* Concurrency: confined to the test's thread, but for what the handle does when it opens its connection, which is waited for. */
    private final Map<String, Znode> nodes = new TreeMap<>();
    private final Deque<Request> requests = new ArrayDeque<>();
    private final CountDownLatch opened = new CountDownLatch(1);
    /** Paths that there is no memory for. */
    private final Set<String> exhausting = new HashSet<>();
    /** That of the handle. */
    final StoppedClock clock = new StoppedClock();

    private @Nullable Watcher session;
    private @Nullable Watcher changes;
    private String watched = "";
    private boolean connected;
    private boolean timed = true;
    private long zxid;

    /** @param name what it reads, for a test to be sure where it is */
    private record Request(String name, Runnable answer, Runnable loss) {}

    ScriptedServer(String... directories) {
        node("", null);
        for (String directory : directories) {
            node(directory, null);
        }
    }

    /**
     * A handle on this server. Time stands still for it, so that nothing comes from it but what the test sets off: it would look after directories that
     * have become empty in its own time, in the middle of a test on a busy machine.
     */
    KvBackend handle(String url) {
        ZooKeeperConfig config = ZooKeeperConfig.of(BackendUrl.parse(url));
        return ZooKeeperBackend.open(config, this::open, HandleThreads.open("zookeeper", clock));
    }

    private Transport open(ZooKeeperConfig config, int timeoutMillis, Watcher watcher, Endpoints.Faults faults) {
        session = watcher;
        opened.countDown();
        return this;
    }

    // --- What the test decides

    void connect() throws InterruptedException {
        assertThat(opened.await(60, TimeUnit.SECONDS))
                .as("whether the handle opens its connection")
                .isTrue();
        connected = true;
        session(KeeperState.SyncConnected);
    }

    /** Loses all requests, and all events until the next connection. */
    void disconnect() {
        connected = false;
        List<Request> lost = List.copyOf(requests);
        requests.clear();
        lost.forEach(request -> request.loss.run());
        session(KeeperState.Disconnected);
    }

    private void session(KeeperState state) {
        if (session != null) {
            session.process(new WatchedEvent(EventType.None, state, null));
        }
    }

    /** From now on events do not say of which transaction they are, as a 3.8 server's. */
    void tellNoTransactions() {
        timed = false;
    }

    /** From now on, or no longer, there is no memory for whoever makes an entry of the node at this path. */
    void exhaust(String path, boolean on) {
        if (on) {
            exhausting.add(path);
        } else {
            exhausting.remove(path);
        }
    }

    /** Writes a node, and returns its zxid. */
    long put(String path, String value) {
        boolean exists = nodes.containsKey(path);
        node(path, value.getBytes(UTF_8));
        tell(exists ? EventType.NodeDataChanged : EventType.NodeCreated, path);
        return zxid;
    }

    long delete(String path) {
        nodes.remove(path);
        touchParent(path);
        tell(EventType.NodeDeleted, path);
        return zxid;
    }

    void mkdir(String path) {
        node(path, null);
        tell(EventType.NodeCreated, path);
    }

    /** Takes a node's value away, as a deletion does of a key that has keys below it. */
    long empty(String path) {
        node(path, null);
        tell(EventType.NodeDataChanged, path);
        return zxid;
    }

    /** Writes to an empty directory and deletes it in one transaction. */
    long prune(String path) {
        node(path, null);
        tell(EventType.NodeDataChanged, path);
        nodes.remove(path);
        tell(EventType.NodeDeleted, path);
        return zxid;
    }

    /** Answers the oldest request, which must read these: names of children as {@code path/*}, a barrier as {@code !}. A write can only be lost. */
    void answer(String... paths) {
        assertThat(requests).as("requests under way").isNotEmpty();
        Request request = requests.remove();
        assertThat(request.name).isEqualTo(String.join(" ", paths));
        request.answer.run();
    }

    /** Answers the oldest request, whatever it is. */
    void answerNext() {
        assertThat(requests).as("requests under way").isNotEmpty();
        requests.remove().answer.run();
    }

    /** Answers all requests, also those that the answers give rise to. */
    void answerAll() {
        while (!requests.isEmpty()) {
            requests.remove().answer.run();
        }
    }

    List<String> underWay() {
        return requests.stream().map(Request::name).toList();
    }

    private void node(String path, byte @Nullable [] data) {
        Stat stat = new Stat();
        Znode before = nodes.get(path);
        touchParent(path);
        if (before != null && before.stat() != null) {
            stat.setVersion(before.stat().getVersion() + 1);
            stat.setCversion(before.stat().getCversion());
            stat.setPzxid(before.stat().getPzxid());
        }
        stat.setCzxid(
                before == null || before.stat() == null ? zxid : before.stat().getCzxid());
        stat.setMzxid(zxid);
        nodes.put(path, new Znode(data, stat));
    }

    /** The transaction begins here, too. */
    private void touchParent(String path) {
        zxid++;
        Znode parent = path.isEmpty() ? null : nodes.get(path.substring(0, path.lastIndexOf('/')));
        if (parent != null
                && parent.stat() != null
                && !(nodes.containsKey(path) && parent.stat().getPzxid() > 0)) {
            parent.stat().setPzxid(zxid);
            parent.stat().setCversion(parent.stat().getCversion() + 1);
        }
    }

    private void tell(EventType type, String path) {
        if (connected && changes != null && (path + "/").startsWith(watched + "/")) {
            changes.process(
                    new WatchedEvent(type, KeeperState.SyncConnected, path, timed ? zxid : WatchedEvent.NO_ZXID));
        }
    }

    // --- What the handle asks

    private void request(String name, List<Op> ops, Consumer<Reply> answer) {
        requests.add(new Request(
                name,
                () -> answer.accept(new Reply(
                        Code.OK, zxid, true, true, ops.stream().map(this::read).toList())),
                () -> answer.accept(new Reply(Code.CONNECTIONLOSS, 0, false, true, List.of()))));
    }

    private OpResult read(Op op) {
        Znode node = nodes.get(op.getPath());
        if (op.getType() == OpCode.check) {
            return new OpResult.CheckResult();
        }
        if (node == null || node.stat() == null) {
            return new ErrorResult(Code.NONODE.intValue());
        }
        List<String> children = nodes.keySet().stream()
                .filter(path -> path.startsWith(op.getPath() + "/"))
                .map(path -> path.substring(op.getPath().length() + 1))
                .filter(name -> name.indexOf('/') < 0)
                .toList();
        if (op.getType() == OpCode.getChildren) {
            return new GetChildrenResult(children);
        }
        Stat stat = exhausting.contains(op.getPath()) ? new ExhaustingStat() : new Stat();
        stat.setCzxid(node.stat().getCzxid());
        stat.setMzxid(node.stat().getMzxid());
        stat.setPzxid(node.stat().getPzxid());
        stat.setVersion(node.stat().getVersion());
        stat.setCversion(node.stat().getCversion());
        stat.setNumChildren(children.size());
        return new GetDataResult(node.data(), stat);
    }

    @Override
    public void read(List<Op> ops, Consumer<Reply> answer) {
        request(
                String.join(
                        " ",
                        ops.stream()
                                .map(op -> op.getPath() + (op.getType() == OpCode.getChildren ? "/*" : ""))
                                .toList()),
                ops,
                answer);
    }

    @Override
    public void look(String path, BiConsumer<Code, @Nullable Stat> answer) {
        throw new UnsupportedOperationException("Only leases look.");
    }

    @Override
    public void write(List<Op> ops, Consumer<Reply> answer) {
        request(ops.get(0).getType() == OpCode.check && ops.size() == 1 ? "!" : "write", ops, answer);
    }

    @Override
    public void watchBelow(String path, Watcher listener, Consumer<Code> answer) {
        requests.add(new Request(
                "watch " + path,
                () -> {
                    changes = listener;
                    watched = path;
                    answer.accept(Code.OK);
                },
                () -> answer.accept(Code.CONNECTIONLOSS)));
    }

    @Override
    public void endSession(Consumer<Reply> answer) {
        connected = false;
        answer.accept(new Reply(Code.OK, ++zxid, true, true, List.of()));
    }

    @Override
    public void abandon() {
        connected = false;
    }

    @Override
    public long sessionId() {
        return 1;
    }

    @Override
    public long lastZxid() {
        return zxid;
    }

    @Override
    public int grantedTimeoutMillis() {
        return 10_000;
    }

    @Override
    public void reconnect() {
        throw new AssertionError("The test decides when an answer comes.");
    }

    @Override
    public Duration silence() {
        return Duration.ZERO;
    }

    @Override
    public Duration slowestAnswer() {
        return Duration.ZERO;
    }

    @Override
    public int members() {
        return 1;
    }

    @Override
    public String member() {
        return "scripted";
    }

    @Override
    public long attemptedAt() {
        return System.nanoTime();
    }

    @Override
    public boolean isDenied() {
        return false;
    }

    private static final class ExhaustingStat extends Stat {
        private static final long serialVersionUID = 1;

        @Override
        public long getMzxid() {
            throw new OutOfMemoryError("made up by a test");
        }
    }
}
