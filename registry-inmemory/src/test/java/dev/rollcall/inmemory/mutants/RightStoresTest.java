package dev.rollcall.inmemory.mutants;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.tck.KitLauncher;
import dev.rollcall.tck.KitSettings;
import dev.rollcall.tck.report.ConformanceReport;
import dev.rollcall.tck.report.Status;
import java.util.Set;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** That no store is accused which is right in a way of its own. */
class RightStoresTest {
    static Set<String> names() {
        return RightStores.all().keySet();
    }

    @ParameterizedTest
    @MethodSource("names")
    @Execution(ExecutionMode.CONCURRENT)
    void rightStoreIsNotAccused(String name) throws InterruptedException {
        ConformanceReport report = KitLauncher.of(new MutantFixture(
                        "right", requireNonNull(RightStores.all().get(name)), new UrlMutants.Provider()))
                .with(KitSettings.fromEnvironment()
                        .withTimeScale(Double.parseDouble(System.getProperty("mutants.timeScale", "1")))
                        .withSize(0.25))
                .besideOthers()
                .run();
        assertThat(report.tests(Status.FAILED)).isEmpty();
        assertThat(report.tests(Status.VERIFIED)).hasSizeGreaterThan(150);
    }
}
