package dev.rollcall.checks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.tck.BackendFixture;
import dev.rollcall.tck.KitLauncher;
import dev.rollcall.tck.KitSettings;
import dev.rollcall.tck.report.ConformanceReport;
import dev.rollcall.tck.report.Status;
import dev.rollcall.tck.report.TestResult;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That the module which {@code scripts/new-backend} makes compiles, and that the kit says of it what it should of a backend that does nothing. */
class NewBackendTest {
    /** What can be right without a store. */
    private static final Set<String> NEED_NO_STORE = Set.of(
            "everyHookIsGivenOrDeclaredAbsent",
            "malformedPathsAreRefusedByTextAndRule",
            "optionThatNobodyKnowsIsRefusedByItsName",
            "checkRefusesWhatOpenRefuses");

    @TempDir
    Path directory;

    @Test
    void newBackendCompilesAndFailsEveryTestThatNeedsAStore() throws Exception {
        Path module = directory.resolve("registry-probe");
        assertThat(make("probe", module.toString()))
                .as("exit code of the script")
                .isZero();
        Path classes = Files.createDirectory(directory.resolve("classes"));
        assertThat(compile(module, classes)).as("complaints of the compiler").isEmpty();
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(
                new URL[] {
                    classes.toUri().toURL(),
                    module.resolve("src/main/resources").toUri().toURL()
                },
                before)) {
            Thread.currentThread().setContextClassLoader(loader);
            ConformanceReport report = run(loader);
            assertThat(report.isConformant()).isFalse();
            assertThat(names(report, Status.VERIFIED)).isSubsetOf(NEED_NO_STORE);
            assertThat(report.tests(Status.FAILED))
                    .hasSizeGreaterThan(100)
                    .allSatisfy(test -> assertThat(test.note()).contains("not written yet"));
            assertThat(report.tests(Status.NOT_VERIFIED))
                    .allSatisfy(test -> assertThat(test.note()).startsWith("needs the hook"));
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    @Test
    void namesThatCannotBeAPackageAndPlacesThatAreTakenAreRefused() throws Exception {
        assertThat(make("My-Store", directory.resolve("x").toString())).isEqualTo(2);
        assertThat(make("probe", directory.toString())).isEqualTo(2);
        assertThat(make()).isEqualTo(2);
    }

    private static ConformanceReport run(ClassLoader loader) throws ReflectiveOperationException, InterruptedException {
        BackendFixture fixture = (BackendFixture) loader.loadClass("dev.rollcall.probe.ProbeFixture")
                .getConstructor()
                .newInstance();
        return KitLauncher.of(fixture)
                .with(KitSettings.fromEnvironment().withTimeScale(0.1).withSize(0.05))
                .besideOthers()
                .run();
    }

    private static Set<String> names(ConformanceReport report, Status status) {
        return report.tests(status).stream().map(TestResult::name).collect(Collectors.toSet());
    }

    private int make(String... arguments) throws IOException, InterruptedException {
        List<String> command = Stream.concat(
                        Stream.of(House.ROOT.resolve("scripts/new-backend").toString()), Stream.of(arguments))
                .toList();
        Process script = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("script.log").toFile())
                .start();
        assertThat(script.waitFor(2, TimeUnit.MINUTES)).isTrue();
        return script.exitValue();
    }

    private static String compile(Path module, Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter complaints = new StringWriter();
        List<String> options = List.of(
                "-d",
                classes.toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-proc:none",
                "-Xlint:all,-processing,-classfile",
                "-Werror");
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
                Stream<Path> sources = Files.walk(module)) {
            List<Path> java =
                    sources.filter(file -> file.toString().endsWith(".java")).toList();
            assertThat(java).hasSize(5);
            compiler.getTask(complaints, files, null, options, null, files.getJavaFileObjectsFromPaths(java))
                    .call();
        }
        return complaints.toString();
    }
}
