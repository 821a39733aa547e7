package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.tck.nemesis.Cluster;
import dev.rollcall.tck.nemesis.NemesisOptions;
import dev.rollcall.tck.nemesis.NemesisReport;
import dev.rollcall.tck.nemesis.NemesisRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Every kind of fault on a real cluster; {@code scripts/nemesis} runs it for longer. */
class NemesisTest {
    @Test
    void clusterKeepsItsPromisesWhateverHappensToIt() throws IOException, InterruptedException {
        NemesisOptions options = NemesisOptions.of(Duration.ofSeconds(60), Path.of("target", "nemesis"));
        try (Cluster cluster =
                new EtcdClusterProvider().start(EtcdServer.SERVERS_DIRECTORY, NemesisOptions.cluster())) {
            assertThat(options.impossible(cluster))
                    .as("faults that it cannot have")
                    .isEmpty();
            NemesisReport report = new NemesisRun(cluster, options).run();
            assertThat(report.violations()).as(report.toString()).isEmpty();
        }
    }
}
