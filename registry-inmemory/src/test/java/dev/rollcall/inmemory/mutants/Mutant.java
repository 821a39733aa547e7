package dev.rollcall.inmemory.mutants;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.tck.KitLauncher;
import dev.rollcall.tck.KitSettings;
import dev.rollcall.tck.report.ConformanceReport;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A backend that breaks a promise, and what the kit has to say about it.
 *
 * @param name what it does wrong
 * @param mutation makes the mutants of one store
 * @param broken the rules that it breaks, each of which has to be found
 * @param beside rules that cannot be kept once those are broken, or that share a test with them; they may be found as well
 * @param areas what is tested; everything if empty
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
        return new Mutant(name, mutation, broken, words(rules), areas, mustBeJudged);
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

    ConformanceReport run() throws InterruptedException {
        KitLauncher launcher =
                KitLauncher.of(new MutantFixture(name, mutation)).with(HASTY).within(LIMIT);
        return (areas.isEmpty() ? launcher : launcher.only(areas)).run();
    }

    @Override
    public String toString() {
        return name;
    }
}
