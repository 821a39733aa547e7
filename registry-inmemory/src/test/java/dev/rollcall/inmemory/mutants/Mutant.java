package dev.rollcall.inmemory.mutants;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.inmemory.InMemoryBackendProvider;
import dev.rollcall.kv.KvBackendProvider;
import dev.rollcall.tck.KitLauncher;
import dev.rollcall.tck.KitSettings;
import dev.rollcall.tck.RuleIndex;
import dev.rollcall.tck.report.ConformanceReport;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A backend that breaks a promise, and what the kit has to say about it.
 *
 * @param rule the rule that it breaks
 * @param name what it does wrong
 * @param mutation makes the mutants of one store
 * @param provider opens the URL of a store
 * @param seenBy the tests that can see the fault where they are not simply those of the rule; empty otherwise
 * @param blind tests of the rule that cannot see the fault, or only if threads happen to meet
 * @param consequences the rules that cannot be kept once that one is broken, each with the reason
 * @param workloads the concurrent workloads by which the judges of histories alone have to find it
 */
record Mutant(
        String rule,
        String name,
        Supplier<Function<InMemoryBackend, Forwarding>> mutation,
        KvBackendProvider provider,
        Set<String> seenBy,
        Set<String> blind,
        Map<String, String> consequences,
        Set<String> workloads) {
    /** Little of everything: a healthy store in memory passes in a second or two. {@code -Dmutants.timeScale=8} tries other time scales. */
    private static final KitSettings SMALL = KitSettings.fromEnvironment()
            .withTimeScale(Double.parseDouble(System.getProperty("mutants.timeScale", "0.25")))
            .withSize(0.05);

    private static final Duration LIMIT = Duration.ofMinutes(5);

    private static final KvBackendProvider PROVIDER = new InMemoryBackendProvider();

    private static final RuleIndex INDEX = RuleIndex.ofKit();

    static Mutant mutant(String rule, String name, Function<InMemoryBackend, Forwarding> mutation) {
        return made(rule, name, () -> mutation, PROVIDER);
    }

    /** A mutant whose handles on one store have something in common. */
    static <S> Mutant sharing(
            String rule, String name, Supplier<S> common, BiFunction<InMemoryBackend, S, Forwarding> mutation) {
        Supplier<Function<InMemoryBackend, Forwarding>> ofAStore = () -> {
            S shared = common.get();
            return handle -> mutation.apply(handle, shared);
        };
        return made(rule, name, ofAStore, PROVIDER);
    }

    /** A mutant that is wrong in what it makes of a URL. */
    static Mutant opening(String rule, String name, KvBackendProvider provider) {
        return made(rule, name, () -> Forwarding::new, provider);
    }

    private static Mutant made(
            String rule,
            String name,
            Supplier<Function<InMemoryBackend, Forwarding>> mutation,
            KvBackendProvider provider) {
        return new Mutant(rule, name, mutation, provider, Set.of(), Set.of(), Map.of(), Set.of());
    }

    Mutant seenBy(String... tests) {
        return new Mutant(rule, name, mutation, provider, Set.of(tests), blind, consequences, workloads);
    }

    Mutant notSeenBy(String... tests) {
        return new Mutant(rule, name, mutation, provider, seenBy, Set.of(tests), consequences, workloads);
    }

    Mutant whichBreaks(String other, String reason) {
        Map<String, String> more = new LinkedHashMap<>(consequences);
        more.put(other, reason);
        return new Mutant(rule, name, mutation, provider, seenBy, blind, more, workloads);
    }

    Mutant judgedIn(String... tests) {
        return new Mutant(rule, name, mutation, provider, seenBy, blind, consequences, Set.of(tests));
    }

    /** Seen by no test but these, in which threads race. */
    Mutant onlyJudgedIn(String... tests) {
        return new Mutant(rule, name, mutation, provider, seenBy, testsOf(rule), consequences, Set.of(tests));
    }

    /** The tests of {@code rule}, without the concurrent workloads. */
    static Set<String> testsOf(String rule) {
        return INDEX.tests(rule).stream()
                .filter(test -> !test.startsWith("ConcurrencyContract."))
                .map(test -> test.substring(test.indexOf('.') + 1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The tests each of which has to find that this is not right. */
    Set<String> accusers() {
        if (!seenBy.isEmpty()) {
            return seenBy;
        }
        Set<String> accusers = testsOf(rule);
        accusers.removeAll(blind);
        return accusers;
    }

    /** What those tests, and others beside them, say. */
    ConformanceReport run(Set<String> others) throws InterruptedException {
        Set<String> tests = new TreeSet<>(others);
        tests.removeAll(blind);
        tests.addAll(accusers());
        return run(SMALL, tests);
    }

    /** What the tests that can see the fault say where every budget of the kit is stretched. */
    ConformanceReport run(double timeScale) throws InterruptedException {
        return run(SMALL.withTimeScale(timeScale), accusers());
    }

    /**
     * What the judges of histories say, on workloads that are large enough, and with time to cut a failure down to its smallest part.
     *
     * @param round another seed for each
     */
    ConformanceReport judge(int round, Set<String> some) throws InterruptedException {
        return run(SMALL.withSize(1).withTimeScale(2).withSeed(SMALL.seed() + 1_000L * round), some);
    }

    private ConformanceReport run(KitSettings settings, Set<String> tests) throws InterruptedException {
        return KitLauncher.of(new MutantFixture(name, mutation, provider))
                .with(settings)
                .within(LIMIT.multipliedBy((long) Math.ceil(settings.timeScale())))
                .onlyTests(tests)
                .besideOthers()
                .run();
    }

    @Override
    public String toString() {
        return rule + ": " + name;
    }
}
