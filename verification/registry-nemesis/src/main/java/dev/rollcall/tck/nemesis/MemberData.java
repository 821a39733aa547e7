package dev.rollcall.tck.nemesis;

import dev.rollcall.tck.nemesis.Cluster.Disruption;
import dev.rollcall.tck.nemesis.Cluster.Member;
import dev.rollcall.tck.server.ServerData;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What the members of a cluster have on disk: copied and put back, or taken away, while all of them are down. For {@link Fault#RESTORE_OLDER} and
 * {@link Fault#WIPE}.
 */
public final class MemberData {
    private final Map<Member, Path> directories;
    private final Set<Member> down = new HashSet<>();
    private boolean copied;

    /** Of these members, each of which keeps nothing outside of its directory that it could not do without. */
    public MemberData(Map<? extends Member, Path> directories) {
        this.directories = Map.copyOf(directories);
    }

    /** Kills all, copies what they have, and starts them again; when that is undone, the copies are put back. */
    public Disruption restore() {
        return undo -> {
            undo.accept(this::deleteCopies);
            undo.accept(this::start);
            undo.accept(this::putBack);
            kill();
            directories.values().forEach(directory -> ServerData.copy(directory, copy(directory)));
            copied = true;
            start();
        };
    }

    /** Takes everything away, when it is undone: until then nothing happens. */
    public Disruption wipe() {
        return undo -> {
            undo.accept(this::start);
            undo.accept(() -> {
                kill();
                directories.values().forEach(ServerData::delete);
            });
        };
    }

    private static Path copy(Path directory) {
        return directory.resolveSibling(directory.getFileName() + "-older");
    }

    private void putBack() {
        if (copied) {
            kill();
            directories.values().forEach(directory -> {
                ServerData.delete(directory);
                ServerData.copy(copy(directory), directory);
            });
        }
    }

    private void deleteCopies() {
        directories.values().forEach(directory -> ServerData.delete(copy(directory)));
        copied = false;
    }

    private void kill() {
        for (Member member : directories.keySet()) {
            down.add(member);
            member.kill();
        }
    }

    private void start() {
        Set<Member> started = Set.copyOf(down);
        started.forEach(Member::launch);
        down.clear();
        started.forEach(Member::awaitReady);
    }
}
