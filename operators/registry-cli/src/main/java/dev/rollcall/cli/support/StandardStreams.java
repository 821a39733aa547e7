package dev.rollcall.cli.support;

import java.io.File;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the process was given as standard input and output. The launcher says what it knows; on Linux the rest is seen below {@code /proc}. */
public final class StandardStreams {
    /** What the launcher says of standard input: {@code closed} or {@code terminal}. */
    public static final String INPUT = "rollcall.stdin";

    private static final Set<String> NAMES_OF_INPUT = Set.of("/dev/stdin", "/dev/fd/0", "/proc/self/fd/0");

    /** As many as Linux follows. */
    private static final int MOST_LINKS = 40;

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private StandardStreams() {}

    /**
     * Standard input, which stays open when this stream is closed: where the process was started without one, its descriptor is that of a file of the JVM.
     *
     * @throws UsageException if the process was started without a standard input
     */
    public static InputStream input() {
        if (isInputClosed()) {
            throw new UsageException("Standard input is closed, so there is nothing to read from it.");
        }
        return new FilterInputStream(System.in) {
            @Override
            public void close() {
                // It is not ours.
            }
        };
    }

    /** Whether a file is standard input by another name, be it a link to it: opened as a file it could be one of the JVM's own. */
    public static boolean isInput(String name) {
        if (NAMES_OF_INPUT.contains(name)) {
            return true;
        }
        try {
            Path file = Path.of(name).toAbsolutePath();
            Path descriptors = DESCRIPTORS.toRealPath();
            for (int links = 0; links < MOST_LINKS; links++) {
                Path folder = file.getParent();
                if (folder == null) {
                    return false;
                }
                if (folder.toRealPath().equals(descriptors)) {
                    return file.endsWith("0");
                }
                if (!Files.isSymbolicLink(file)) {
                    return false;
                }
                file = folder.resolve(Files.readSymbolicLink(file));
            }
        } catch (IOException | RuntimeException e) {
            // Whoever opens it will say what is wrong with it.
            return false;
        }
        return false;
    }

    /** Whether somebody would have to type what is read from standard input. */
    public static boolean isInputATerminal() {
        return "terminal".equals(System.getProperty(INPUT))
                || (System.getProperty(INPUT) == null
                        && target(0).map(StandardStreams::isTerminal).orElse(false));
    }

    /** Whether standard output is read by another process, as far as that can be known. */
    public static boolean outputHasReader() {
        return target(1)
                .filter(target -> target.startsWith("pipe:") || target.startsWith("socket:"))
                .isPresent();
    }

    /** Whether people see what is printed to standard output. */
    public static boolean isOutputATerminal() {
        return isATerminal(1);
    }

    /** Whether people see what is printed to standard error. */
    public static boolean isErrorATerminal() {
        return isATerminal(2);
    }

    private static boolean isATerminal(int descriptor) {
        return target(descriptor).map(StandardStreams::isTerminal).orElseGet(() -> System.console() != null);
    }

    private static boolean isInputClosed() {
        return "closed".equals(System.getProperty(INPUT))
                || target(0).map(StandardStreams::isOfTheJvm).orElse(false);
    }

    private static boolean isTerminal(String target) {
        return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.startsWith("/dev/console");
    }

    /** Whether it is a file that the JVM itself has opened, as the first that got a free descriptor. */
    private static boolean isOfTheJvm(String target) {
        return target.startsWith(System.getProperty("java.home") + File.separator)
                || List.of(System.getProperty("java.class.path").split(File.pathSeparator))
                        .contains(target);
    }

    private static Optional<String> target(int descriptor) {
        try {
            return Optional.of(Files.readSymbolicLink(DESCRIPTORS.resolve(Integer.toString(descriptor)))
                    .toString());
        } catch (IOException | UnsupportedOperationException | SecurityException e) {
            return Optional.empty();
        }
    }
}
