package dev.rollcall.inmemory.mutants;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.tck.KitLauncher;
import dev.rollcall.tck.KitSettings;
import dev.rollcall.tck.report.ConformanceReport;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/** A mutant. */
record Mutant(String name, Supplier<Function<InMemoryBackend, KvBackend>> mutation) {
    private static final KitSettings HASTY = new KitSettings(20, 0.1, 0.05);

    static Mutant mutant(String name, Function<InMemoryBackend, ? extends KvBackend> mutation) {
        return new Mutant(name, () -> mutation::apply);
    }

    static <K, V> Mutant sharing(String name, BiFunction<InMemoryBackend, Map<K, V>, KvBackend> mutation) {
        return new Mutant(name, () -> {
            Map<K, V> shared = new ConcurrentHashMap<>();
            return handle -> mutation.apply(handle, shared);
        });
    }

    ConformanceReport run() throws InterruptedException {
        return KitLauncher.of(new MutantFixture(name, mutation))
                .with(HASTY)
                .within(Duration.ofSeconds(60))
                .run();
    }

    @Override
    public String toString() {
        return name;
    }
}
