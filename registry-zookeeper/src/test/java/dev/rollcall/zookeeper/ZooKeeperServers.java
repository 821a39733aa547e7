package dev.rollcall.zookeeper;

import dev.rollcall.tck.server.FreePorts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/** One server, or an ensemble of them. */
final class ZooKeeperServers implements AutoCloseable {
    private final List<ZooKeeperServer> members;

    private ZooKeeperServers(List<ZooKeeperServer> members) {
        this.members = List.copyOf(members);
    }

    static ZooKeeperServers of(ZooKeeperServer server) {
        return new ZooKeeperServers(List.of(server));
    }

    /** Three servers, of which two have to agree. */
    static ZooKeeperServers ensemble() {
        return ensemble(ZooKeeperServer.SERVERS_DIRECTORY);
    }

    /** Three servers with the settings that ZooKeeper's own sample has. */
    static ZooKeeperServers plainEnsemble() {
        return plainEnsemble(id -> List.of());
    }

    /** Three servers with the settings that ZooKeeper's own sample has, and more lines for each, numbered from 1. */
    static ZooKeeperServers plainEnsemble(IntFunction<List<String>> more) {
        return plainEnsemble(ZooKeeperServer.SERVERS_DIRECTORY, more);
    }

    /** The same, with data and logs in places of their own below {@code directory}. */
    static ZooKeeperServers plainEnsemble(Path directory, IntFunction<List<String>> more) {
        List<Integer> ports = FreePorts.find(9);
        return start(IntStream.range(0, 3)
                .mapToObj(i -> ZooKeeperServer.plainMember(
                        directory, i + 1, ports.get(3 * i), lines(ports), more.apply(i + 1)))
                .toList());
    }

    private static List<String> lines(List<Integer> ports) {
        return IntStream.range(0, 3)
                .mapToObj(i -> "server." + (i + 1) + "=127.0.0.1:" + ports.get(3 * i + 1) + ":" + ports.get(3 * i + 2))
                .toList();
    }

    /** Three servers, with more system properties, that keep their data and logs in places of their own below {@code directory}. */
    static ZooKeeperServers ensemble(Path directory, String... properties) {
        List<Integer> ports = FreePorts.find(9);
        return start(IntStream.range(0, 3)
                .mapToObj(i ->
                        ZooKeeperServer.member(directory, i + 1, ports.get(3 * i), lines(ports), List.of(properties)))
                .toList());
    }

    private static ZooKeeperServers start(List<ZooKeeperServer> members) {
        ZooKeeperServers servers = new ZooKeeperServers(members);
        try {
            servers.start();
        } catch (RuntimeException | Error e) {
            servers.close();
            throw e;
        }
        return servers;
    }

    List<ZooKeeperServer> members() {
        return members;
    }

    /** The leader; waits for an election if one is going on. */
    ZooKeeperServer leader() {
        return Awaitility.await()
                .atMost(Duration.ofMinutes(3))
                .until(
                        () -> members.stream()
                                .filter(ZooKeeperServer::isLeader)
                                .findFirst()
                                .orElse(null),
                        leader -> leader != null);
    }

    /** A member that follows; waits for an election if one is going on. */
    ZooKeeperServer follower() {
        ZooKeeperServer leader = leader();
        return members.stream().filter(member -> member != leader).findFirst().orElseThrow();
    }

    /** Starts all members, on the data they have. */
    void start() {
        members.forEach(member -> member.process().launch());
        members.forEach(member -> member.process().awaitReady());
    }

    void kill() {
        members.forEach(member -> member.process().kill());
    }

    void pause() {
        members.forEach(member -> member.process().pause());
    }

    void resume() {
        members.forEach(member -> member.process().resume());
    }

    @Override
    public void close() {
        members.forEach(ZooKeeperServer::close);
    }
}
