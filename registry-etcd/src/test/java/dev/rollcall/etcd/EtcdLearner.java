package dev.rollcall.etcd;

import dev.rollcall.tck.nemesis.Cluster.Disruption;
import dev.rollcall.tck.server.FreePorts;
import dev.rollcall.tck.server.ServerData;
import dev.rollcall.tck.server.ServerProcess;
import dev.rollcall.tck.server.TcpProxy;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A further member that comes and goes: it joins as a learner, which takes part in no vote and serves nobody. Clients know its address all the time, and
 * find nobody there while it is away.
 */
final class EtcdLearner implements AutoCloseable {
    private static final String NAME = "learner";

    /** How a member is run; the cluster's affair. */
    interface Command {
        List<String> of(String name, Path directory, int clientPort, int peerPort, String peerUrl, String more);
    }

    private final List<EtcdCluster.Member> members;
    private final Path data;
    private final Path program;
    private final String peerUrl;
    private final TcpProxy proxy;
    private final ServerProcess process;
    /** How often it has joined; every second time it is promoted before it leaves. */
    private int strikes;

    private int promotions;

    /** Away at first. {@code members} are all voters, {@code all} is what they call each other. */
    EtcdLearner(List<EtcdCluster.Member> members, String all, Path servers, Command command) {
        this.members = members;
        List<Integer> ports = FreePorts.find(2);
        int port = ports.get(0);
        this.peerUrl = "http://127.0.0.1:" + ports.get(1);
        Path directory = EtcdServer.directory(servers, "etcd-" + NAME + "-" + port);
        this.data = directory.resolve(EtcdCluster.DATA);
        this.program = directory.resolve(EtcdCluster.PROGRAM);
        this.proxy = TcpProxy.to(port);
        proxy.refuse();
        this.process = new ServerProcess(
                        NAME + "-" + port,
                        command.of(NAME, directory, port, ports.get(1), peerUrl, all + "," + NAME + "=" + peerUrl),
                        Map.of(),
                        directory.resolve("etcd.log"),
                        () -> EtcdServer.listens(port))
                .keeps(data);
    }

    /** What clients connect to. */
    String address() {
        return proxy.address();
    }

    /** What it is run by. */
    Path program() {
        return program;
    }

    /** Where clients reach it. */
    int port() {
        return proxy.port();
    }

    /** How often it has got a vote. */
    int promotions() {
        return promotions;
    }

    /**
     * It joins, and every connection of clients breaks, so that they choose anew among all members. When that is undone it leaves, every second time as a
     * member with a vote.
     */
    Disruption join() {
        return undo -> {
            EtcdAdmin operator = members.get(0).admin();
            boolean promoted = strikes++ % 2 == 1;
            undo.accept(() -> ServerData.delete(data));
            undo.accept(process::kill);
            undo.accept(() -> {
                proxy.refuse();
                proxy.cut();
            });
            long id = add(operator);
            undo.accept(() -> operator.removeMember(id));
            process.start();
            proxy.accept();
            if (promoted) {
                undo.accept(() -> promote(operator, id));
            }
            members.forEach(member -> member.proxy().cut());
        };
    }

    /** Its id is made of its address and the second; one that has left is not taken again. */
    private long add(EtcdAdmin operator) {
        AtomicLong id = new AtomicLong();
        Await.until(() -> {
            try {
                id.set(operator.addLearner(peerUrl));
                return true;
            } catch (StatusRuntimeException e) {
                if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
                    return false;
                }
                throw e;
            }
        });
        return id.get();
    }

    /** Once it has caught up with the leader, which it is not to be promoted before. */
    private void promote(EtcdAdmin operator, long id) {
        Await.until(() -> {
            try {
                operator.promote(id);
                promotions++;
                return true;
            } catch (StatusRuntimeException e) {
                if (e.getStatus().getCode() == Status.Code.FAILED_PRECONDITION
                        || e.getStatus().getCode() == Status.Code.UNAVAILABLE) {
                    return false;
                }
                throw e;
            }
        });
    }

    @Override
    public void close() {
        proxy.close();
        process.close();
    }
}
