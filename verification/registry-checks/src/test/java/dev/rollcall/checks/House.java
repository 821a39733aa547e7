package dev.rollcall.checks;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The source tree that is being judged: its modules, their sources, and what was compiled from them. */
final class House {
    private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");
    private static final String CHECKS = "registry-checks";

    static final Path ROOT = root();

    private House() {}

    private static Path root() {
        Path directory = Path.of("").toAbsolutePath();
        while (directory != null && !Files.isDirectory(directory.resolve("registry-api"))) {
            directory = directory.getParent();
        }
        if (directory == null) {
            throw new IllegalStateException("No directory above the current one contains registry-api.");
        }
        return directory;
    }

    /** All modules named by the root pom that have sources, in its order. */
    static List<Path> modules() {
        return MODULE.matcher(read(ROOT.resolve("pom.xml")))
                .results()
                .map((MatchResult found) -> ROOT.resolve(found.group(1)))
                .filter(module -> !read(module.resolve("pom.xml")).contains("<packaging>pom</packaging>"))
                .toList();
    }

    /** All modules but this one, which is still running. */
    static List<Path> judged() {
        return modules().stream().filter(module -> !module.endsWith(CHECKS)).toList();
    }

    /** The packages of the stores, with all below them: of each module of the top folder that offers a provider. */
    static List<String> backends() {
        return modules().stream()
                .filter(module -> ROOT.equals(module.getParent()))
                .filter(module -> Files.isRegularFile(
                        module.resolve("src/main/resources/META-INF/services/dev.rollcall.kv.KvBackendProvider")))
                .map(module -> name(module).replace("registry-", "dev.rollcall.") + "..")
                .toList();
    }

    /** The classes that the judged modules compiled from {@code src/main}. */
    static JavaClasses mainClasses() {
        return classesIn("classes");
    }

    /** The classes that the judged modules compiled from {@code src/test}. */
    static JavaClasses testClasses() {
        return classesIn("test-classes");
    }

    private static JavaClasses classesIn(String output) {
        return new ClassFileImporter()
                .withImportOption(location -> !location.contains("/jmh_generated/"))
                .importPaths(judged().stream()
                        .map(module -> module.resolve("target").resolve(output))
                        .filter(Files::isDirectory)
                        .toList());
    }

    /** The files below a directory whose name ends so; none if there is no such directory. */
    static List<Path> files(Path directory, String ending) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> walk = Files.walk(directory)) {
            return walk.filter(file -> file.toString().endsWith(ending))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The path as a reader of the report wants it. */
    static String name(Path file) {
        return ROOT.relativize(file).toString();
    }
}
