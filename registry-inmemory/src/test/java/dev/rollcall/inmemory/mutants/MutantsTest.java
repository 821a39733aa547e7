package dev.rollcall.inmemory.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.tck.report.ConformanceReport;
import dev.rollcall.tck.report.Spec;
import dev.rollcall.tck.report.SpecRule;
import dev.rollcall.tck.report.Status;
import dev.rollcall.tck.report.TestResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** That the kit catches each mutant by the rule that it breaks, and blames it for nothing else. */
class MutantsTest {
    /** Tests of every area that are quick and leave nothing to how threads meet: each mutant must pass those that its fault does not touch. */
    static final Set<String> ACQUITTING = Set.of(
            "equivalentAndSimilarTextsAreDifferentKeys",
            "valueAndKeysBelowItSurviveEachOther",
            "directoryCoversWhatIsStrictlyBelowIt",
            "bookkeepingIsOutOfSight",
            "everyByteIsAllowedInAValue",
            "revisionsGrowOverAllKeysAndHandles",
            "writesOfOneTransactionShareItsRevision",
            "getOfAnAbsentKeyIsEmptyWithARevision",
            "listHoldsEveryEntryOnceSortedByKey",
            "keysAndChildrenAgreeWithAList",
            "createSucceedsOnlyOnAnAbsentKey",
            "updateAndDeleteNeedAPresentKeyAndPutDoesNot",
            "deleteAtTheRevisionOfAnEarlierIncarnationFails",
            "writeWhoseAnswerIsLostIsUnknownAndAppliedOnce",
            "transactionAppliesAllOrNothing",
            "firstConditionThatDoesNotHoldIsReported",
            "watchFromASnapshotBeginsWithIt",
            "watchAfterARevisionCatchesUpWithWhatWasWrittenBetween",
            "changesCarryTheWholeTruth",
            "ownersCloseEndsAWatchOnceWithNull",
            "putAndUpdateWithoutALeaseKeepTheOneThereIs",
            "revokeDeletesAllEntriesAtOnceInOneRevision",
            "leaseOfAnotherHandleIsRefused",
            "failuresTellWhatAndWhereAndNoValue",
            "nullsAreRefusedByTheCallItself",
            "operationsAfterCloseFailAtOnce",
            "listenerHearsThePresentStatusFirstAndClosedLast",
            "everythingGoesOnByItselfAfterACut",
            "threadsAreDaemonsAndTellTheirBackend");

    /** Far more than it takes. */
    private static final int MOST_ROUNDS = 8;

    /** Rules that no backend can break, since it does not do what they are about. */
    private static final Map<String, String> KEPT_BY_THE_TYPES = Map.of(
            "KEY-2", "Key and Directory refuse at construction, so no malformed path reaches a backend",
            "VALUE-4", "Bytes copies what goes in and out, and is final, so a backend never sees the caller's array");

    static List<Mutant> mutants() {
        return MutantTable.all();
    }

    static List<Mutant> mutantsForATest() {
        return mutants().stream().filter(mutant -> !mutant.accusers().isEmpty()).toList();
    }

    static List<Mutant> judgedMutants() {
        return mutants().stream()
                .filter(mutant -> !mutant.workloads().isEmpty())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("mutantsForATest")
    @Execution(ExecutionMode.CONCURRENT)
    void mutantIsCaughtByItsRuleAndBlamedForNothingElse(Mutant mutant) throws InterruptedException {
        ConformanceReport report = mutant.run(ACQUITTING);
        assertThat(report.isConformant()).isFalse();
        assertThat(names(report.tests()))
                .as("the tests that were run")
                .containsAll(mutant.accusers())
                .containsAll(without(ACQUITTING, mutant.blind()));
        assertThat(report.tests().stream().filter(test -> mutant.accusers().contains(test.name())))
                .as("the tests that can see the fault")
                .isNotEmpty()
                .allSatisfy(test -> {
                    assertThat(test.status()).isEqualTo(Status.FAILED);
                    assertThat(test.violated()).contains(mutant.rule());
                    assertThat(test.note())
                            .startsWith("[")
                            .contains(mutant.rule())
                            .doesNotContain("NullPointerException");
                    assertThat(test.note().substring(test.note().indexOf(']')))
                            .as("what was seen")
                            .hasSizeGreaterThan(20);
                });
        Set<String> allowed = new TreeSet<>(mutant.consequences().keySet());
        allowed.add(mutant.rule());
        assertThat(report.tests(Status.FAILED))
                .as(
                        "every test that failed, by what it blames the mutant for; %s is broken, and with it no more than %s",
                        mutant.rule(), mutant.consequences())
                .allSatisfy(test -> assertThat(test.violated()).containsAnyElementsOf(allowed));
    }

    @ParameterizedTest
    @MethodSource("judgedMutants")
    @Execution(ExecutionMode.CONCURRENT)
    void mutantIsFoundByTheJudgesOfHistoriesAlone(Mutant mutant) throws InterruptedException {
        // Threads race in a workload, so that a judge may see nothing of the fault, or may not be able to decide:
        // another is made then.
        Set<String> left = new TreeSet<>(mutant.workloads());
        List<TestResult> told = new ArrayList<>();
        for (int round = 0; round < MOST_ROUNDS && !left.isEmpty(); round++) {
            List<TestResult> tests = mutant.judge(round, left).tests();
            told.addAll(tests);
            tests.stream()
                    .filter(test -> test.status() == Status.FAILED)
                    .filter(test -> test.note().contains("smallest failing part is drawn in"))
                    .forEach(test -> {
                        assertThat(test.note()).contains("-Dtck.seed=");
                        left.remove(test.name());
                    });
        }
        assertThat(left)
                .as(
                        "workloads in which no judge found a fault, after %d rounds in which they told %s",
                        MOST_ROUNDS, told)
                .isEmpty();
    }

    @Test
    void everyRuleHasAMutantOrAReasonWhyItHasNone() {
        Set<String> rules =
                Spec.shipped().rules().stream().map(SpecRule::id).collect(Collectors.toCollection(TreeSet::new));
        Set<String> mutated = mutants().stream().map(Mutant::rule).collect(Collectors.toCollection(TreeSet::new));
        assertThat(mutated).doesNotContainAnyElementsOf(KEPT_BY_THE_TYPES.keySet());
        mutated.addAll(KEPT_BY_THE_TYPES.keySet());
        assertThat(mutated)
                .as("rules with a mutant, or a reason why there is none")
                .isEqualTo(rules);
    }

    @Test
    void everyNameInTheTableIsThatOfATestOrRule() {
        Set<String> rules = Spec.shipped().rules().stream().map(SpecRule::id).collect(Collectors.toSet());
        assertThat(mutants()).extracting(Mutant::name).doesNotHaveDuplicates();
        assertThat(mutants()).allSatisfy(mutant -> {
            assertThat(Mutant.testsOf(mutant.rule())).containsAll(mutant.blind());
            assertThat(mutant.accusers().isEmpty() && mutant.workloads().isEmpty())
                    .as("whether nobody has to find '%s'", mutant)
                    .isFalse();
            assertThat(mutant.consequences()).doesNotContainKey(mutant.rule());
            assertThat(rules)
                    .contains(mutant.rule())
                    .containsAll(mutant.consequences().keySet());
            assertThat(mutant.consequences().values())
                    .allSatisfy(reason -> assertThat(reason).isNotBlank());
        });
    }

    private static Set<String> names(List<TestResult> tests) {
        return tests.stream().map(TestResult::name).collect(Collectors.toSet());
    }

    private static Set<String> without(Set<String> all, Set<String> some) {
        Set<String> rest = new TreeSet<>(all);
        rest.removeAll(some);
        return rest;
    }
}
