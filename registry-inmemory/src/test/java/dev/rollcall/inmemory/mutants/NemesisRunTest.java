package dev.rollcall.inmemory.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.tck.nemesis.Cluster;
import dev.rollcall.tck.nemesis.Fault;
import dev.rollcall.tck.nemesis.NemesisOptions;
import dev.rollcall.tck.nemesis.NemesisReport;
import dev.rollcall.tck.nemesis.NemesisRun;
import dev.rollcall.tck.server.FreePorts;
import dev.rollcall.tck.server.TcpProxy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That a run under faults finds a store guilty if it lies, and only then, and that it undoes what it does. */
class NemesisRunTest {
    @TempDir
    private Path directory;

    /** A member that only takes notes. */
    private static final class NoteTaker implements Cluster.Member {
        private final String name;
        private final boolean leads;
        private final TcpProxy link = TcpProxy.to(FreePorts.find(1).get(0));
        private final List<String> notes;
        private boolean up = true;
        private boolean paused;

        NoteTaker(String name, boolean leads, List<String> notes) {
            this.name = name;
            this.leads = leads;
            this.notes = notes;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public boolean leads() {
            return leads;
        }

        @Override
        public TcpProxy link() {
            return link;
        }

        @Override
        public void kill() {
            up = false;
            notes.add("kill " + name);
        }

        @Override
        public void launch() {
            up = true;
        }

        @Override
        public void awaitReady() {
            assertThat(up).isTrue();
        }

        @Override
        public void pause() {
            paused = true;
            notes.add("pause " + name);
        }

        @Override
        public void resume() {
            paused = false;
        }
    }

    /** A store in memory behind members that have nothing to do with it. */
    private static final class Fake implements Cluster {
        final List<String> notes = new ArrayList<>();
        final List<NoteTaker> members = List.of(
                new NoteTaker("a", false, notes), new NoteTaker("b", true, notes), new NoteTaker("c", false, notes));
        private final String url = "inmemory:nemesis-" + UUID.randomUUID();
        private final UnaryOperator<KvBackend> mutation;

        Fake(UnaryOperator<KvBackend> mutation) {
            this.mutation = mutation;
        }

        @Override
        public String name() {
            return "fake";
        }

        @Override
        public List<NoteTaker> members() {
            return members;
        }

        @Override
        public KvBackend open() {
            return mutation.apply(KvBackends.open(url));
        }

        @Override
        public void close() {
            members.forEach(member -> member.link().close());
        }
    }

    /** Finds nothing now and then. */
    private static final class Forgetful extends Forwarding {
        private final AtomicInteger reads = new AtomicInteger();

        Forgetful(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            return plain(super.get(key, consistency)
                    .thenApply(found ->
                            reads.incrementAndGet() % 10 == 0 ? new GetResult(key, null, found.revision()) : found));
        }
    }

    private NemesisReport run(Cluster cluster, int rounds, Fault... faults) throws IOException, InterruptedException {
        Duration round = Duration.ofMillis(1_500);
        NemesisOptions options = new NemesisOptions(
                11, round.multipliedBy(rounds), round, Duration.ofSeconds(20), Set.of(faults), directory);
        return new NemesisRun(cluster, options).run();
    }

    @Test
    void storeThatIsRightIsFoundRight() throws IOException, InterruptedException {
        try (Fake cluster = new Fake(handle -> handle)) {
            NemesisReport report = run(cluster, 2, Fault.KILL_LEADER, Fault.PAUSE_FOLLOWER, Fault.KILL_MAJORITY);
            assertThat(report.violations()).isEmpty();
            assertThat(report.faults().values().stream()
                            .mapToInt(Integer::intValue)
                            .sum())
                    .isPositive()
                    .isEqualTo(report.recoveries().size());
            assertThat(cluster.notes).isNotEmpty().doesNotContain("pause b");
            assertThat(cluster.members).allMatch(member -> member.up && !member.paused);
            assertThat(directory.resolve("nemesis.txt")).content().contains("fake, seed 11: no violation");
        }
    }

    @Test
    void forgottenWritesAreFoundAndTheirHistoryIsKept() throws IOException, InterruptedException {
        try (Fake cluster = new Fake(handle -> new Forgetful((InMemoryBackend) handle))) {
            NemesisReport report = run(cluster, 1);
            assertThat(report.violations()).isNotEmpty().first().asString().containsPattern("REV-5|READ-1");
            assertThat(directory).isDirectoryContaining("glob:**-smallest.html");
        }
    }

    @Test
    void whatIsImpossibleIsLeftOut() throws IOException, InterruptedException {
        try (Fake cluster = new Fake(handle -> handle)) {
            assertThat(run(cluster, 1, Fault.COMPACT, Fault.DEAFEN_LEADER).faults())
                    .isEmpty();
        }
    }
}
