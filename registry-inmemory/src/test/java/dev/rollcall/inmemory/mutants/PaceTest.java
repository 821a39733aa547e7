package dev.rollcall.inmemory.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.inmemory.InMemoryFixture;
import dev.rollcall.tck.KitLauncher;
import dev.rollcall.tck.KitSettings;
import dev.rollcall.tck.report.ConformanceReport;
import dev.rollcall.tck.report.Status;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** That a time scale stretches the patience of the kit, and neither the time of a store nor the verdict. */
class PaceTest {
    /** Faults of leases that are a matter of time. */
    private static final Set<String> TIMED = Set.of(
            "lease outlives its ttl",
            "lease goes a hair too soon",
            "leaves without a word",
            "one lease at close",
            "late loss",
            "lease clock starts at the answer",
            "late answer revives a lease",
            "not renewed");

    @ParameterizedTest
    @ValueSource(doubles = {2, 3.5, 8})
    @Execution(ExecutionMode.CONCURRENT)
    void rightStoreIsNotAccused(double timeScale) throws InterruptedException {
        ConformanceReport report = KitLauncher.of(new InMemoryFixture())
                .with(KitSettings.fromEnvironment().withTimeScale(timeScale).withSize(0.05))
                .only(Set.of("LEASE"))
                .besideOthers()
                .run();
        assertThat(report.tests(Status.VERIFIED)).hasSizeGreaterThan(20);
        assertThat(report.tests(Status.FAILED)).isEmpty();
    }

    static Stream<Arguments> timedMutants() {
        List<Mutant> timed = MutantTable.all().stream()
                .filter(mutant -> TIMED.contains(mutant.name()))
                .toList();
        assertThat(timed).extracting(Mutant::name).containsAll(TIMED);
        return timed.stream().flatMap(mutant -> Stream.of(2.0, 3.5, 8.0).map(scale -> Arguments.of(mutant, scale)));
    }

    @ParameterizedTest
    @MethodSource("timedMutants")
    @Execution(ExecutionMode.CONCURRENT)
    void wrongLeasesAreFound(Mutant mutant, double timeScale) throws InterruptedException {
        assertThat(mutant.run(timeScale).tests())
                .as("what is said of '%s' at time scale %s", mutant.name(), timeScale)
                .isNotEmpty()
                .allSatisfy(test -> {
                    assertThat(test.status()).isEqualTo(Status.FAILED);
                    assertThat(test.violated()).contains(mutant.rule());
                });
    }
}
