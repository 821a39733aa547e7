package dev.rollcall.tck.server;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;

/**
 * Ports that one JVM has to itself. It claims them in blocks, each by a lock on a file of the block, which the system lets go of when the
 * process ends, however it ends.
 *
 * <p>Safe for use by several threads.
 */
final class PortClaims {
    private static final int LOWEST = 12_000;
    private static final int BEYOND = 32_000;
    private static final int BLOCK = 50;
    /** So many others are handed out before a port that was given back is again: whoever was its client has noticed by then. */
    private static final int LEAST_FREE = 2 * BLOCK;

    /* Concurrency: everything is guarded by this object's monitor. */
    private final Path directory;
    private final int lowest;
    private final int beyond;
    /** Open until the JVM ends, since closing a file lets go of its lock. */
    private final List<FileChannel> claimed = new ArrayList<>();
    /** Of the claimed blocks; the one that has been free for longest is first. */
    private final Queue<Integer> free = new ArrayDeque<>();

    private final Set<Integer> taken = new HashSet<>();
    private int next;

    PortClaims(Path directory, int lowest, int beyond) {
        this.directory = directory;
        this.lowest = lowest;
        this.beyond = beyond;
        // Where to begin matters only for the time that it takes to find a block which is free.
        this.next = lowest + (int) (ProcessHandle.current().pid() * BLOCK % (beyond - lowest)) / BLOCK * BLOCK;
    }

    /** The claims of this JVM, which users with the same temporary directory and name respect. */
    static PortClaims ofThisJvm() {
        return new PortClaims(
                Path.of(System.getProperty("java.io.tmpdir"), "rollcall-ports-" + System.getProperty("user.name")),
                LOWEST,
                BEYOND);
    }

    /** A port on which nobody listens; kept until it is released. */
    synchronized int take() {
        while (free.size() < LEAST_FREE && claimBlock()) {
            continue;
        }
        do {
            for (int left = free.size(); left > 0; left--) {
                int port = free.remove();
                if (nobodyListens(port)) {
                    taken.add(port);
                    return port;
                }
                // Somebody who asks nobody has it, perhaps for a while.
                free.add(port);
            }
        } while (claimBlock());
        throw new IllegalStateException(
                "No free port could be found on the loopback interface: all from " + lowest + " to " + (beyond - 1)
                        + " are listened on, or claimed by processes that have locked a file in " + directory + ".");
    }

    synchronized void release(int port) {
        if (taken.remove(port)) {
            free.add(port);
        }
    }

    /** Claims one more block; false if there is none. */
    private boolean claimBlock() {
        for (int trial = 0; trial < (beyond - lowest) / BLOCK; trial++) {
            int first = next;
            next = first + 2 * BLOCK > beyond ? lowest : first + BLOCK;
            if (isClaimed(first)) {
                for (int port = first; port < first + BLOCK; port++) {
                    free.add(port);
                }
                return true;
            }
        }
        return false;
    }

    private boolean isClaimed(int first) {
        FileChannel file = null;
        try {
            Files.createDirectories(directory);
            file = FileChannel.open(directory.resolve("from-" + first), CREATE, WRITE);
            if (file.tryLock() != null) {
                claimed.add(file);
                return true;
            }
            file.close();
            return false;
        } catch (OverlappingFileLockException e) {
            // Claimed by this JVM. Not closed: where locks belong to processes, that would let go of the one there is.
            claimed.add(file);
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException("Ports could not be claimed by a lock on a file in " + directory + ".", e);
        }
    }

    private static boolean nobodyListens(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
