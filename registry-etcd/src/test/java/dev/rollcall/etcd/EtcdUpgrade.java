package dev.rollcall.etcd;

import dev.rollcall.tck.nemesis.Cluster.Disruption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/** Replaces the members of a cluster by those of the next version, one after the other, on their data; once. */
final class EtcdUpgrade {
    private final EtcdBinary next;
    private final List<EtcdCluster.Member> members;
    private final Path learner;
    private boolean done;

    /** {@code learner} is the name of the program of the member that comes and goes, which must be as new as the others. */
    EtcdUpgrade(EtcdBinary next, List<EtcdCluster.Member> members, Path learner) {
        this.next = next;
        this.members = members;
        this.learner = learner;
    }

    /** Makes {@code program} a name for {@code binary}, for a process that runs by this name whenever it is started. */
    static Path link(Path program, EtcdBinary binary) {
        try {
            Files.createDirectories(program.toAbsolutePath().getParent());
            Path fresh = program.resolveSibling("fresh");
            Files.deleteIfExists(fresh);
            Files.createSymbolicLink(fresh, binary.path());
            return Files.move(fresh, program, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Empty once it was done: there is no way back. */
    Optional<Disruption> disruption() {
        return done
                ? Optional.empty()
                : Optional.of(undo -> {
                    done = true;
                    link(learner, next);
                    for (EtcdCluster.Member member : members) {
                        undo.accept(() -> {
                            if (!member.process().isAlive()) {
                                member.process().start();
                            }
                        });
                        member.process().kill();
                        link(member.program(), next);
                        member.process().start();
                        // The others cannot do without this one while one of them is down.
                        member.admin().awaitAnswer(member.process());
                    }
                });
    }
}
