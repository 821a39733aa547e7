package dev.rollcall.tck.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What servers keep on disk, while no server uses it: to be copied, put back and deleted. */
public final class ServerData {
    private ServerData() {}

    /** Copies a directory with all that is in it; {@code to} must not exist yet. */
    public static void copy(Path from, Path to) {
        for (Path file : files(from)) {
            try {
                Files.copy(file, to.resolve(from.relativize(file)));
            } catch (IOException e) {
                throw new UncheckedIOException("Could not copy " + file + ".", e);
            }
        }
    }

    /** Deletes a directory with all that is in it, if it is there. */
    public static void delete(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        List<Path> files = files(directory);
        for (Path file : files.stream().sorted(Comparator.reverseOrder()).toList()) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                throw new UncheckedIOException("Could not delete " + file + ".", e);
            }
        }
    }

    /** The directory, and what is in it; each directory before its files. */
    private static List<Path> files(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.toList();
        } catch (IOException e) {
            throw new UncheckedIOException("Could not read " + directory + ".", e);
        }
    }
}
