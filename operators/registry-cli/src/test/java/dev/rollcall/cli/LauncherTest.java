package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a house of its own, with javas and a Maven that only say how they were called. */
class LauncherTest {
    private static final Path LAUNCHER =
            Path.of("../../rollcall").toAbsolutePath().normalize();

    @TempDir
    Path folder;

    private Path home;
    private Path maven;

    @BeforeEach
    void build() throws IOException {
        home = Files.createDirectory(folder.resolve("home"));
        Files.createDirectories(home.resolve("operators/registry-cli/target/lib"));
        Files.createDirectories(home.resolve("operators/registry-cli/src/main"));
        Files.createDirectories(home.resolve("registry-api/src/main"));
        Files.createDirectories(home.resolve(".mvn"));
        Files.createFile(home.resolve("pom.xml"));
        Files.createFile(home.resolve("operators/registry-cli/pom.xml"));
        Files.createFile(home.resolve("registry-api/pom.xml"));
        Files.createFile(home.resolve("operators/registry-cli/target/registry-cli.jar"));
        Files.copy(LAUNCHER, home.resolve("rollcall"));
        maven = script("bin/mvn", "echo built >>'" + folder.resolve("builds") + "'");
        Files.createFile(Files.createDirectory(home.resolve(".rollcall")).resolve("built"));
        Files.setLastModifiedTime(
                home.resolve(".rollcall/built"),
                FileTime.from(Files.getLastModifiedTime(home.resolve("pom.xml"))
                        .toInstant()
                        .plusSeconds(60)));
    }

    private Path script(String name, String body) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file;
    }

    /** A JAVA_HOME whose java says its version, or its arguments and its locale. */
    private Path java(int version) throws IOException {
        script(
                "java-" + version + "/bin/java",
                "if [ \"$1\" = -version ]; then echo 'openjdk version \"" + version
                        + ".0.1\"' >&2; echo asked >>\"$0.asked\"; exit; fi\n"
                        + "echo \"args: $*\"; echo \"locale: $LC_ALL\"; echo \"input: $(cat)\"");
        // As a JDK has, and a chooser of versions has not.
        Files.createDirectories(folder.resolve("java-" + version + "/lib"));
        return folder.resolve("java-" + version);
    }

    @Test
    void theClassesThatAStartNeedsAreKeptOnceForEachJava() throws Exception {
        Path java = java(17);
        script(
                "java-17/bin/java",
                "if [ \"$1\" = -version ]; then echo 'openjdk version \"17.0.1\"' >&2; exit; fi\n"
                        + "for a in \"$@\"; do case $a in -XX:ArchiveClassesAtExit=*)\n"
                        + "echo made >>'" + folder.resolve("archives") + "'; echo classes >\"${a#*=}\"; esac; done\n"
                        + "echo \"args: $*\"");
        for (int start = 0; start < 2; start++) {
            assertThat(run(java, "", Map.of()).out())
                    .contains(
                            "-XX:SharedArchiveFile=" + home.resolve(".rollcall/classes-1.jsa"), "TieredStopAtLevel=1");
        }
        assertThat(folder.resolve("archives")).hasContent("made");
        Files.setLastModifiedTime(
                home.resolve("operators/registry-cli/target/registry-cli.jar"),
                FileTime.from(Files.getLastModifiedTime(home.resolve(".rollcall/classes-1.jsa"))
                        .toInstant()
                        .plusSeconds(60)));
        run(java, "", Map.of());
        assertThat(folder.resolve("archives")).hasContent("made\nmade");
    }

    @Test
    void mostVerbsGoWithoutTheJarsOfTheKitAndTheConsole() throws Exception {
        Path lib = home.resolve("operators/registry-cli/target/lib");
        Files.createFile(lib.resolve("jetty-server-12.jar"));
        Files.createFile(lib.resolve("picocli-4.jar"));
        Files.createFile(lib.resolve("registry-tck-1.jar"));
        Path java = java(17);
        String few = "-cp " + home.resolve("operators/registry-cli/target/registry-cli.jar") + ":"
                + lib.resolve("picocli-4.jar");
        String all = few + ":" + lib.resolve("jetty-server-12.jar") + ":" + lib.resolve("registry-tck-1.jar");
        for (String verb : List.of("get", "nodes", "--version")) {
            assertThat(run(java, verb, "", Map.of()).out()).contains(few + " ");
        }
        // Also where it is not known yet which verb it is, and where all of them are shown.
        for (String verb : List.of("tck", "console", "demo", "help", "--help", "-b", "gte")) {
            assertThat(run(java, verb, "", Map.of()).out()).contains(all + " ");
        }
    }

    @Test
    void picocliInALaterFormatComesFirst() throws Exception {
        Path java = java(17);
        script(
                "java-17/bin/java",
                "if [ \"$1\" = -version ]; then echo 'openjdk version \"17.0.1\"' >&2; exit; fi\n"
                        + "for a in \"$@\"; do last=$a; done\n"
                        + "case \"$*\" in *ModernClasses*) echo classes >\"$last\"; esac\n"
                        + "echo \"args: $*\"");
        for (int start = 0; start < 2; start++) {
            assertThat(run(java, "", Map.of()).out())
                    .contains("-cp " + home.resolve(".rollcall/picocli-1.jar") + ":"
                            + home.resolve("operators/registry-cli/target/registry-cli.jar"));
        }
        // An archive fits jars of the same date alone.
        assertThat(Files.getLastModifiedTime(home.resolve(".rollcall/picocli-1.jar")))
                .isEqualTo(Files.getLastModifiedTime(home.resolve("operators/registry-cli/target/registry-cli.jar")));
    }

    @Test
    void anArchiveThatCannotBeMadeIsMissedInSilence() throws Exception {
        Path java = java(17);
        for (int start = 0; start < 2; start++) {
            ProcessRun run = run(java, "", Map.of());
            assertThat(run.err()).isEmpty();
            assertThat(run.out()).contains("dev.rollcall.cli.Main list /").doesNotContain("SharedArchiveFile");
        }
        assertThat(home.resolve(".rollcall/classes-1.jsa")).isEmptyFile();
    }

    private ProcessRun run(Path javaHome, String redirection, Map<String, String> environment) throws Exception {
        return run(javaHome, "list /", redirection, environment);
    }

    private ProcessRun run(Path javaHome, String args, String redirection, Map<String, String> environment)
            throws Exception {
        Map<String, String> all = new java.util.HashMap<>(environment);
        all.put("JAVA_HOME", javaHome.toString());
        all.put("PATH", maven.getParent() + ":" + System.getenv("PATH"));
        List<String> line = new ArrayList<>(List.of(
                "sh",
                "-c",
                "exec \"$0\" " + args + " " + redirection,
                home.resolve("rollcall").toString()));
        return ProcessRun.of(folder, all, line);
    }

    @Test
    void anotherJavaIsNoReasonToBuild() throws Exception {
        Path one = java(17);
        Path two = java(21);
        for (Path java : List.of(one, two, one, two)) {
            ProcessRun run = run(java, "", Map.of());
            assertThat(run.err()).isEmpty();
            assertThat(run.out()).contains("dev.rollcall.cli.Main list /");
        }
        assertThat(folder.resolve("builds")).doesNotExist();
        // Each is asked for its version once.
        assertThat(one.resolve("bin/java.asked")).hasContent("asked");
    }

    @Test
    void changedSourcesAreBuiltAndSaidSo() throws Exception {
        Files.setLastModifiedTime(
                home.resolve("operators/registry-cli/pom.xml"),
                FileTime.from(Files.getLastModifiedTime(home.resolve(".rollcall/built"))
                        .toInstant()
                        .plusSeconds(60)));
        ProcessRun run = run(java(17), "", Map.of());
        assertThat(run.err()).contains("sources have changed");
        assertThat(folder.resolve("builds")).hasContent("built");
    }

    @Test
    void inAnArchiveTheJarsAreBesideItAndNothingIsBuilt() throws Exception {
        Files.createFile(Files.createDirectory(home.resolve("lib")).resolve("registry-cli.jar"));
        Files.createFile(home.resolve("lib/picocli-4.jar"));
        Files.delete(home.resolve(".rollcall/built"));
        Files.delete(home.resolve("pom.xml"));
        ProcessRun run = run(java(17), "", Map.of());
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .contains(
                        "-cp " + home.resolve("lib/registry-cli.jar") + ":" + home.resolve("lib/picocli-4.jar") + " ");
        assertThat(folder.resolve("builds")).doesNotExist();
    }

    @Test
    void aJavaThatIsTooOldIsRefusedByName() throws Exception {
        ProcessRun run = run(java(11), "", Map.of());
        assertThat(run.code()).isEqualTo(69);
        assertThat(run.err()).contains("Java 17 or newer is needed", "is Java 11");
    }

    @Test
    void onlyNewJavasArePermittedWhatTheyWouldWarnOf() throws Exception {
        assertThat(run(java(25), "", Map.of()).out())
                .contains("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");
        assertThat(run(java(17), "", Map.of()).out()).doesNotContain("--enable-native-access", "--sun-misc");
    }

    @Test
    void aClosedStandardInputIsReplacedAndSaidSo() throws Exception {
        ProcessRun closed = run(java(17), "<&-", Map.of());
        assertThat(closed.out()).contains("-Drollcall.stdin=closed");
        assertThat(closed.err()).isEmpty();
        assertThat(run(java(17), "<'" + LAUNCHER + "'", Map.of()).out())
                .contains("-Drollcall.stdin=other", "input: #!/bin/sh");
    }

    @Test
    void aLocaleOfAsciiBecomesOneOfUtf8AndOthersStay() throws Exception {
        assertThat(run(java(17), "", Map.of("LC_ALL", "C")).out()).contains("locale: C.UTF-8");
        assertThat(run(java(17), "", Map.of("LC_ALL", "de_DE.ISO-8859-1")).out())
                .contains("locale: de_DE.ISO-8859-1");
    }
}
