package dev.rollcall.console;

import dev.rollcall.coordination.CoordinationOptions;
import dev.rollcall.coordination.DistributedLock;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.registry.NodeLabel;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.Registration;
import dev.rollcall.registry.RegistrationMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Takes the pictures of the docs: a program, not a test. Its argument is the directory to write them to. */
final class ConsolePictures {
    private static final int PUMPS = 26;

    private final Random random = new Random(7);

    private ConsolePictures() {}

    public static void main(String[] args) throws Exception {
        new ConsolePictures().take(Path.of(args[0]));
    }

    private NodeStatus pump(int i) {
        String id = String.format("pump-%02d.eu", i);
        return NodeStatus.builder(id, "10.0." + i % 4 + "." + (10 + i) + ":8250")
                .score(40 + random.nextInt(60))
                .label(NodeLabel.of(Map.of("zone", "eu-" + (char) ('a' + i % 3), "rack", "r" + i % 7)))
                .build();
    }

    private void take(Path directory) throws Exception {
        try (Browser in = Browser.find().orElseThrow();
                ConsoleFixture fixture = ConsoleFixture.readOnly()) {
            List<DistributedLock> locks = new ArrayList<>();
            List<Registration<NodeStatus>> pumps = fill(fixture, locks);
            String pumpsPage = "#/nodes/" + ConsoleFixture.encoded(ConsoleFixture.TIDB_PUMPS);
            in.open(fixture, pumpsPage + "/pump-03.eu");
            in.awaitText("#record", "pump-03");
            for (int step = 0; step < 30; step++) {
                int i = step % 6 == 0 ? 3 : random.nextInt(PUMPS);
                pumps.get(i).update(pump(i));
                if (step == 15) {
                    pumps.get(11).close();
                }
                if (step == 22) {
                    pumps.get(17).close();
                }
                // A picture of something that goes on needs some time in which it does.
                TimeUnit.MILLISECONDS.sleep(700);
            }
            picture(in, directory, "console-nodes", 1360, 1000, false);
            picture(in, directory, "console-nodes-dark", 1360, 1000, true);
            in.open(fixture, "#/keys/" + ConsoleFixture.encoded("/config/tenant-4/limits"));
            in.awaitText("#value", "limit");
            picture(in, directory, "console-keys", 1360, 820, false);
            in.open(fixture, "#/queues");
            in.awaitText("main", "nightly");
            picture(in, directory, "console-queues", 1360, 560, false);
            in.open(fixture, "#/store");
            in.awaitText("#history", "connected");
            picture(in, directory, "console-store", 1360, 920, false);
            in.open(fixture, pumpsPage);
            in.awaitText(".rows", "pump-03");
            picture(in, directory, "console-narrow", 520, 900, true);
            locks.forEach(DistributedLock::close);
        }
    }

    private static void picture(Browser in, Path directory, String name, int width, int height, boolean dark)
            throws IOException, InterruptedException {
        in.resize(width, height);
        in.dark(dark);
        TimeUnit.MILLISECONDS.sleep(900);
        Files.write(directory.resolve(name + ".png"), in.screenshot());
    }

    private List<Registration<NodeStatus>> fill(ConsoleFixture fixture, List<DistributedLock> locks) throws Exception {
        List<Registration<NodeStatus>> pumps = new ArrayList<>();
        for (int i = 0; i < PUMPS; i++) {
            NodeStatus status = pump(i);
            pumps.add(fixture.tidb.register("pumps", status.nodeId(), status, RegistrationMode.PERSISTENT));
        }
        for (int i = 0; i < 3; i++) {
            NodeStatus drainer =
                    NodeStatus.builder("drainer-" + i, "10.1.0." + i + ":8249").build();
            fixture.tidb.register("drainers", drainer.nodeId(), drainer, RegistrationMode.PERSISTENT);
        }
        for (int i = 0; i < 8; i++) {
            ConsoleFixture.Worker worker = new ConsoleFixture.Worker("10.2.0." + i + ":9000", i + 2);
            fixture.workers.register("workers", "worker-" + i, worker, RegistrationMode.EPHEMERAL);
        }
        for (int i = 0; i < 12; i++) {
            String tenant = "/config/tenant-" + i;
            fixture.other.put(
                    Key.of(tenant + "/limits"),
                    Bytes.ofUtf8("{\"limit\":" + 100 * i + ",\"burst\":" + 20 * i + ",\"since\":437612345678901234}"));
            fixture.other.put(Key.of(tenant + "/features/audit"), Bytes.ofUtf8("true"));
            Futures.await(fixture.other.put(Key.of(tenant + "/features/export"), Bytes.ofUtf8("false")));
        }
        for (String lock : List.of("nightly-compaction", "schema-change", "report")) {
            for (int i = 0; i < lock.length() % 3 + 1; i++) {
                CoordinationOptions owner = CoordinationOptions.defaults().withOwner("10.0.0." + (7 + i) + ":8080");
                DistributedLock mine = DistributedLock.open(fixture.other, Directory.of("/locks/" + lock), owner);
                locks.add(mine);
                mine.acquire();
                TimeUnit.MILLISECONDS.sleep(60);
            }
        }
        return pumps;
    }
}
