package dev.rollcall.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rollcall.tck.report.Status;
import dev.rollcall.tck.report.TestResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** How the kit treats a class that runs it. The classes below are run from here only, and their names keep build tools away. */
class KitExtensionTest {
    /** One test that needs a hook; it must never be reached without. */
    interface NeedingContract extends Contract {
        @Test
        @Rule("WATCH-6")
        @Needs(Hook.COMPACT)
        default void needsAHook(Kit kit) {
            throw new AssertionError("reached without its hook");
        }
    }

    static class FixtureOf implements BackendFixture {
        private final Set<Hook> absent;

        FixtureOf(Set<Hook> absent) {
            this.absent = absent;
        }

        @Override
        public String name() {
            return "kit-extension-test";
        }

        @Override
        public TestStore newStore() {
            throw new IllegalStateException("no store");
        }

        @Override
        public Map<Hook, String> absentHooks() {
            return absent.isEmpty() ? Map.of() : Map.of(Hook.COMPACT, "no history");
        }
    }

    static class MisnamedCompatibility implements NeedingContract {
        @Override
        public BackendFixture fixture() {
            return new FixtureOf(Set.of());
        }
    }

    static class SilentTckTest implements NeedingContract {
        @Override
        public BackendFixture fixture() {
            return new FixtureOf(Set.of());
        }
    }

    static class DeclaringTckTest implements NeedingContract {
        @Override
        public BackendFixture fixture() {
            return new FixtureOf(Set.of(Hook.COMPACT));
        }
    }

    private static TestExecutionSummary run(Class<?> type) {
        SummaryGeneratingListener summary = new SummaryGeneratingListener();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(DiscoverySelectors.selectClass(type))
                                .build(),
                        summary,
                        new TestExecutionListener() {
                            @Override
                            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                                assertThat(result.getStatus()).isNotEqualTo(TestExecutionResult.Status.ABORTED);
                            }
                        });
        return summary.getSummary();
    }

    private static List<String> failures(TestExecutionSummary summary) {
        return summary.getFailures().stream()
                .map(failure -> String.valueOf(failure.getException().getMessage()))
                .toList();
    }

    @Test
    void classWhoseNameBuildToolsWouldPassOverIsRefused() {
        assertThat(failures(run(MisnamedCompatibility.class)))
                .singleElement()
                .satisfies(message -> assertThat(message).contains("its name must end with 'TckTest'"));
    }

    @Test
    void hookThatIsNeitherGivenNorDeclaredAbsentFailsTheTest() {
        assertThat(failures(run(SilentTckTest.class)))
                .singleElement()
                .satisfies(message -> assertThat(message).contains("COMPACT").contains("absentHooks()"));
    }

    @Test
    void hookThatIsDeclaredAbsentIsNotedAndNothingIsSkipped() {
        TestExecutionSummary summary = run(DeclaringTckTest.class);
        assertThat(summary.getTestsSucceededCount()).isEqualTo(1);
        assertThat(summary.getTestsSkippedCount() + summary.getTestsAbortedCount())
                .isZero();
        assertThat(summary.getTestsFailedCount()).isZero();
    }

    /** The whole kit but for one contract would do as well; this one is short. */
    static class PartialTckTest implements ConcurrencyContract {
        @Override
        public BackendFixture fixture() {
            return new FixtureOf(Set.of());
        }
    }

    @Test
    void testsThatAClassLeavesOutAreReportedAsNotVerified() {
        assertThat(LeftOut.by(PartialTckTest.class))
                .allSatisfy(result -> {
                    assertThat(result.status()).isEqualTo(Status.NOT_VERIFIED);
                    assertThat(result.note()).startsWith("PartialTckTest leaves ");
                })
                .extracting(TestResult::area)
                .contains("KeyContract", "WatchContract")
                .doesNotContain("ConcurrencyContract");
        assertThat(LeftOut.by(LaunchedTckTest.class)).isEmpty();
    }

    @Test
    void testsThatOneHalfOfTheKitLeavesOutAreInTheOther() {
        assertThat(LeftOut.by(DataTck.class))
                .extracting(TestResult::area)
                .contains("LeaseContract")
                .doesNotContainAnyElementsOf(LeftOut.by(LifetimeTck.class).stream()
                        .map(TestResult::area)
                        .toList());
    }

    @Test
    void partOfTheKitWritesNoReportOverThatOfTheWhole() throws IOException {
        Path part = Path.of("target", "conformance", "kit-extension-test", "DeclaringTckTest", "conformance.json");
        Files.deleteIfExists(part);
        run(DeclaringTckTest.class);
        assertThat(part).exists();
    }

    @Test
    void settingsComeFromPropertiesAndMustMakeSense() {
        Map<String, String> properties = Map.of("tck.seed", "7", "tck.timeScale", "2.5", "tck.size", "0.1");
        assertThat(KitSettings.from(name -> Optional.ofNullable(properties.get(name))))
                .isEqualTo(new KitSettings(7, 2.5, 0.1));
        assertThatIllegalArgumentException().isThrownBy(() -> new KitSettings(1, 0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new KitSettings(1, 1, -1));
    }

    @Test
    void everyRandomChoiceFollowsFromTheSeed() {
        KitSettings settings = new KitSettings(7, 1, 1);
        assertThat(settings.random("one").nextLong())
                .isEqualTo(settings.random("one").nextLong())
                .isNotEqualTo(settings.random("another").nextLong())
                .isNotEqualTo(settings.withSeed(8).random("one").nextLong());
        assertThat(KitSettings.from(name -> Optional.empty()).seed())
                .as("the seed of a JVM that was given none")
                .isEqualTo(KitSettings.from(name -> Optional.empty()).seed());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KitSettings.from(name -> Optional.of("x")))
                .withMessage("The seed -Dtck.seed must be a whole number, but is 'x'.");
    }

    @Test
    void placesBelowAUrlAreToldApart() {
        assertThat(UrlFixture.below("etcd://a:1,b:2/p?x=1", "t")).isEqualTo("etcd://a:1,b:2/p/t?x=1");
        assertThat(UrlFixture.below("etcd://a:1", "t")).isEqualTo("etcd://a:1/t");
        assertThat(UrlFixture.below("etcd://a:1/", "t")).isEqualTo("etcd://a:1/t");
        assertThat(UrlFixture.below("inmemory:name?y=2", "t")).isEqualTo("inmemory:name-t?y=2");
        assertThat(UrlFixture.below("inmemory:", "t")).isEqualTo("inmemory:t");
        assertThat(new UrlFixture("inmemory:x").absentHooks()).containsOnlyKeys(Hook.values());
    }
}
