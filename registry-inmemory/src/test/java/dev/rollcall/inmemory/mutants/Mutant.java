package dev.rollcall.inmemory.mutants;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.tck.KitLauncher;
import dev.rollcall.tck.KitSettings;
import dev.rollcall.tck.report.ConformanceReport;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A backend that breaks a promise, and what the kit has to say about it.
 *
 * @param name what it does wrong
 * @param mutation makes the mutants of one store
 * @param broken the rules that it breaks, each of which has to be found
 * @param beside rules that cannot be kept once those are broken, or that share a test with them; they may be found as well
 * @param areas the only areas that are asked whether they are innocent; all of them if empty
 * @param mustBeJudged whether the judges of histories have to find it too
 */
record Mutant(
        String name,
        Supplier<Function<InMemoryBackend, KvBackend>> mutation,
        Set<String> broken,
        Set<String> beside,
        Set<String> areas,
        boolean mustBeJudged) {
    /** Little of everything, and little patience: a healthy store in memory passes in a second or two. */
    private static final KitSettings HASTY = new KitSettings(20, 0.1, 0.05);

    private static final Set<String> ALL_AREAS =
            Set.of("KEY", "VALUE", "REV", "READ", "WRITE", "TXN", "WATCH", "LEASE", "ERR", "LIFE", "THREAD");

    private static final Duration LIMIT = Duration.ofMinutes(2);

    static Mutant mutant(String name, Function<InMemoryBackend, ? extends KvBackend> mutation, String broken) {
        return new Mutant(name, () -> mutation::apply, words(broken), Set.of(), Set.of(), false);
    }

    /** A mutant whose handles on one store know something in common. */
    static <K, V> Mutant sharing(
            String name, BiFunction<InMemoryBackend, Map<K, V>, ? extends KvBackend> mutation, String broken) {
        Supplier<Function<InMemoryBackend, KvBackend>> each = () -> {
            Map<K, V> shared = new ConcurrentHashMap<>();
            return handle -> mutation.apply(handle, shared);
        };
        return new Mutant(name, each, words(broken), Set.of(), Set.of(), false);
    }

    Mutant beside(String rules) {
        Set<String> more = new TreeSet<>(beside);
        more.addAll(words(rules));
        return new Mutant(name, mutation, broken, more, areas, mustBeJudged);
    }

    Mutant judged() {
        return new Mutant(name, mutation, broken, beside, areas, true);
    }

    /** For mutants that make nearly every test wait in vain. */
    Mutant restrictedTo(String areasOrRules) {
        return new Mutant(name, mutation, broken, beside, words(areasOrRules), mustBeJudged);
    }

    private static Set<String> words(String text) {
        return Set.of(text.split(" "));
    }

    /** What the tests say of the areas of what it breaks. Hasty: many of them wait in vain. */
    ConformanceReport accuse() throws InterruptedException {
        return run(HASTY, concerned());
    }

    /**
     * What the tests say of all other areas. Within an area one broken promise shows in many places, and in which ones may depend on how
     * threads meet.
     */
    ConformanceReport acquit() throws InterruptedException {
        Set<String> innocent = new TreeSet<>(areas.isEmpty() ? ALL_AREAS : areas);
        innocent.removeAll(concerned());
        return run(HASTY, innocent);
    }

    /** What the judges of histories say, on workloads that are large enough for the fault to show. */
    ConformanceReport judge() throws InterruptedException {
        return run(HASTY.withSize(1), Set.of("REV-1", "REV-2", "REV-3", "WRITE-6"));
    }

    /** The areas of the rules that it breaks, and of those that cannot help being broken beside. */
    Set<String> concerned() {
        return Stream.concat(broken.stream(), beside.stream())
                .map(Mutant::area)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private ConformanceReport run(KitSettings settings, Set<String> areasOrRules) throws InterruptedException {
        return KitLauncher.of(new MutantFixture(name, mutation))
                .with(settings)
                .within(LIMIT)
                .only(areasOrRules)
                .run();
    }

    static String area(String rule) {
        return rule.substring(0, rule.lastIndexOf('-'));
    }

    @Override
    public String toString() {
        return name;
    }
}
