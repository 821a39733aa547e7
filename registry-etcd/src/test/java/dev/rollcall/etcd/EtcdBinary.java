package dev.rollcall.etcd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The program of an etcd server: named by a system property or the environment, else from the cache, else on the PATH, else fetched or
 * built by {@code scripts/etcd-binaries}, which says what to do if it cannot.
 */
enum EtcdBinary {
    V3_4("3.4"),
    V3_5("3.5"),
    V3_6("3.6"),
    V3_7("3.7");

    /** Without a server on the machine: what is downloaded before what is built. */
    private static final List<EtcdBinary> QUICKEST_FIRST = List.of(V3_5, V3_7, V3_6, V3_4);

    private final String version;

    EtcdBinary(String version) {
        this.version = version;
    }

    String version() {
        return version;
    }

    /**
     * The server that this run of the tests is about: the one that {@code -Detcd.version} names, else the newest that is on this machine. If
     * none is, one is fetched; 3.4, which has faults of its own, only if no other can be had.
     */
    static EtcdBinary underTest() {
        String wanted = System.getProperty("etcd.version");
        if (wanted != null) {
            return Arrays.stream(values())
                    .filter(binary -> binary.version.equals(wanted))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException(
                            "The setting etcd.version names '" + wanted + "', which no test knows."));
        }
        return Arrays.stream(values())
                .filter(binary -> binary != V3_4 && binary.isHere())
                .reduce((older, newer) -> newer)
                .orElseGet(EtcdBinary::anyFetched);
    }

    /** A version that has a next one: with both on this machine, or else those that are downloaded. */
    static EtcdBinary upgradable() {
        return Arrays.stream(values())
                .filter(binary -> binary.next().filter(EtcdBinary::isHere).isPresent() && binary.isHere())
                .reduce((older, newer) -> newer)
                .orElse(V3_4);
    }

    /** The version after this one, which it can be upgraded to. */
    Optional<EtcdBinary> next() {
        return Arrays.stream(values())
                .filter(binary -> binary.ordinal() == ordinal() + 1)
                .findFirst();
    }

    private static EtcdBinary anyFetched() {
        IllegalStateException failure =
                new IllegalStateException("There is no etcd on this machine, and none could be fetched.");
        for (EtcdBinary binary : QUICKEST_FIRST) {
            try {
                binary.path();
                return binary;
            } catch (IllegalStateException e) {
                failure.addSuppressed(e);
            }
        }
        throw failure;
    }

    /** Whether this version is at least {@code other}. */
    boolean isAtLeast(EtcdBinary other) {
        return compareTo(other) >= 0;
    }

    /** The flag called {@code name}, which is an experimental one before 3.6. */
    String graduated(String name) {
        return "--" + (isAtLeast(V3_6) ? "" : "experimental-") + name;
    }

    /** Where the program is. */
    Path path() {
        return here().orElseGet(this::fetched);
    }

    private boolean isHere() {
        return here().isPresent();
    }

    private Optional<Path> here() {
        return named().or(this::cached).or(this::onPath);
    }

    private Optional<Path> named() {
        String property = System.getProperty("etcd." + version, System.getenv("ETCD_" + version.replace('.', '_')));
        if (property == null) {
            return Optional.empty();
        }
        Path named = Path.of(property);
        if (!Files.isExecutable(named)) {
            throw new IllegalStateException("The setting for etcd " + version + " names '" + property
                    + "', which is not a program that can be run.");
        }
        return Optional.of(named);
    }

    private Optional<Path> cached() {
        Path program = Path.of("etcd-" + version, "usr", "bin", "etcd");
        return Stream.of(
                        at(System.getenv("ROLLCALL_CACHE")),
                        at(System.getenv("XDG_CACHE_HOME")).map(cache -> cache.resolve("rollcall")),
                        at(System.getProperty("user.home")).map(home -> home.resolve(".cache/rollcall")))
                .flatMap(Optional::stream)
                .map(cache -> cache.resolve(program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static Optional<Path> at(String directory) {
        return Optional.ofNullable(directory).filter(name -> !name.isEmpty()).map(Path::of);
    }

    private Optional<Path> onPath() {
        return Stream.of(Optional.ofNullable(System.getenv("PATH")).orElse("").split(":"))
                .map(directory -> Path.of(directory, "etcd"))
                .filter(Files::isExecutable)
                .filter(program -> run(program.toString(), "--version").contains("etcd Version: " + version + "."))
                .findFirst();
    }

    private Path fetched() {
        Path script = root().resolve("scripts/etcd-binaries");
        return Path.of(run(script.toString(), version).strip());
    }

    private static Path root() {
        // The launcher says where the project is; tests run inside it.
        Path directory = Path.of(System.getProperty("rollcall.home", "")).toAbsolutePath();
        while (directory != null && !Files.isRegularFile(directory.resolve("scripts/etcd-binaries"))) {
            directory = directory.getParent();
        }
        if (directory == null) {
            throw new IllegalStateException("No directory above the current one has scripts/etcd-binaries.");
        }
        return directory;
    }

    private static String run(String... command) {
        try {
            Process process = new ProcessBuilder(command).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(command[0] + " failed:\n" + errors);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while running " + command[0] + ".", e);
        }
    }
}
