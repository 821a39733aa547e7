package dev.rollcall.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A skipped test is a promise that nobody checks; none is allowed, in the sources or in a run. */
class NoSkippedTestTest {
    private static final Pattern SKIPS_IN_SOURCE =
            Pattern.compile("@(?:[\\w.]+\\.)?(?:Disabled|Enabled(?:If|On|For)|Ignore)\\w*"
                    + "|\\bAssumptions\\s*\\."
                    + "|\\bassum(?:e(?:True|False|That|Throws)|ingThat)\\s*\\("
                    + "|\\bTestAborted" + "Exception\\b");

    private static final Pattern SKIPS_IN_REPORT = Pattern.compile("<testsuite\\b[^>]*\\bskipped=\"[1-9]|<skipped\\b");

    private static Stream<Path> testSources() {
        Stream<Path> tests = House.modules().stream().map(module -> module.resolve("src/test"));
        Stream<Path> kit = Stream.of("registry-tck/src/main", "verification/registry-nemesis/src/main")
                .map(House.ROOT::resolve);
        return Stream.concat(tests, kit).flatMap(directory -> House.files(directory, ".java").stream());
    }

    private static List<Path> reports() {
        return House.judged().stream()
                .flatMap(module -> House.files(module.resolve("target/surefire-reports"), ".xml").stream())
                .toList();
    }

    @Test
    void noSourceCanSkipATest() {
        assertThat(testSources())
                .isNotEmpty()
                .filteredOn(file -> SKIPS_IN_SOURCE.matcher(House.read(file)).find())
                .extracting(House::name)
                .isEmpty();
    }

    @Test
    void noTestWasSkipped() {
        assertThat(reports())
                .filteredOn(
                        report -> SKIPS_IN_REPORT.matcher(House.read(report)).find())
                .extracting(House::name)
                .isEmpty();
    }
}
