package dev.rollcall.benchmarks.stores;

import dev.rollcall.benchmarks.sizes.LiveHeap;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/** What ours and a raw client are made to do. */
final class Scenarios {
    private static final byte[] VALUE = new byte[150];

    static {
        Arrays.fill(VALUE, (byte) 'v');
    }

    /** An operation of a contender, by the number of the key. */
    private interface Operation {
        IntFunction<CompletableFuture<?>> of(Contender contender);
    }

    private final Duel duel;
    private final Plan plan;
    private final Contender ours;
    private final Contender raw;

    Scenarios(Duel duel, Plan plan, Contender ours, Contender raw) {
        this.duel = duel;
        this.plan = plan;
        this.ours = ours;
        this.raw = raw;
    }

    /** Whatever depends on how fresh the raw client's reads are. */
    void reads() throws Exception {
        idle("idle get", contender -> contender::get);
        busy("busy get", contender -> contender::get);
        busy("busy 90 % get, 10 % put", contender -> key -> mixed(contender, key));
    }

    /** Whatever only writes. */
    void writes() throws Exception {
        idle("idle put", contender -> key -> contender.put(key, VALUE));
        idle("idle compare-and-set", contender -> key -> contender.compareAndSet(key, VALUE));
        busy("busy put", contender -> key -> contender.put(key, VALUE));
        busy("busy compare-and-set", contender -> key -> contender.compareAndSet(key, VALUE));
    }

    private static CompletableFuture<?> mixed(Contender contender, int key) {
        return key % 10 == 0 ? contender.put(key, VALUE) : contender.get(key);
    }

    private void fill() throws Exception {
        ours.fill(Plan.KEYS, VALUE);
        raw.fill(Plan.KEYS, VALUE);
    }

    private void idle(String scenario, Operation operation) throws Exception {
        if (duel.wants(scenario)) {
            fill();
            duel.runOften(
                    scenario,
                    raw.name(),
                    List.of(new Duel.Figure(", p50", "ms"), new Duel.Figure(", p99", "ms")),
                    () -> oneByOne(operation.of(ours)),
                    () -> oneByOne(operation.of(raw)));
        }
    }

    private double[] oneByOne(IntFunction<CompletableFuture<?>> operation) throws Exception {
        long[] times = BenchmarkLoad.oneByOne(plan.calls, operation);
        return new double[] {times[plan.calls / 2] / 1e6, times[plan.calls * 99 / 100] / 1e6};
    }

    private void busy(String scenario, Operation operation) throws Exception {
        if (duel.wants(scenario)) {
            fill();
            duel.run(
                    scenario,
                    raw.name(),
                    List.of(new Duel.Figure("", "k/s"), new Duel.Figure(", allocated", "B/op")),
                    () -> manyAtOnce(operation.of(ours)),
                    () -> manyAtOnce(operation.of(raw)));
        }
    }

    private double[] manyAtOnce(IntFunction<CompletableFuture<?>> operation) throws Exception {
        return rate(plan.operations, Plan.IN_FLIGHT, i -> operation.apply(i % Plan.KEYS), 1);
    }

    /** Thousands of operations per second, and bytes allocated for each, where a request carries {@code size} of them. */
    private static double[] rate(int requests, int inFlight, IntFunction<CompletableFuture<?>> request, int size)
            throws Exception {
        Map<Long, Long> before = ProcessUsage.allocations();
        double seconds = BenchmarkLoad.run(requests, inFlight, request);
        double operations = (double) requests * size;
        return new double[] {operations / seconds / 1e3, ProcessUsage.allocatedSince(before) / operations};
    }

    /** How far ours is from what the server gives when requests are packed by hand. */
    void packed(Supplier<Packed> packed) throws Exception {
        if (duel.wants("busy get")) {
            fill();
            Packed limit = packed.get();
            besidePacked("busy get", contender -> contender::get, limit::get);
        }
        if (duel.wants("busy put")) {
            fill();
            Packed limit = packed.get();
            besidePacked("busy put", contender -> key -> contender.put(key, VALUE), first -> limit.put(first, VALUE));
        }
    }

    private void besidePacked(String scenario, Operation operation, IntFunction<CompletableFuture<?>> request)
            throws Exception {
        duel.run(
                scenario,
                Packed.NAME,
                List.of(new Duel.Figure("", "k/s"), new Duel.Figure(", allocated", "B/op")),
                () -> manyAtOnce(operation.of(ours)),
                () -> rate(
                        plan.operations / Packed.SIZE,
                        Packed.IN_FLIGHT,
                        i -> request.apply(i * Packed.SIZE % Plan.KEYS),
                        Packed.SIZE));
    }

    /** Lists of directories of several sizes. */
    void lists() throws Exception {
        for (int size : plan.lists) {
            String scenario = "list of " + size;
            if (duel.wants(scenario)) {
                ours.fillList(size, VALUE);
                raw.fillList(size, VALUE);
                duel.run(
                        scenario,
                        raw.name(),
                        List.of(new Duel.Figure("", "ms")),
                        () -> listed(ours, size),
                        () -> listed(raw, size));
            }
        }
    }

    /** The time of one list, of several one after another if they are short. */
    private static double[] listed(Contender contender, int size) throws Exception {
        int lists = Math.max(1, Plan.LISTED / size);
        long start = System.nanoTime();
        for (int i = 0; i < lists; i++) {
            int count = contender.list(size);
            if (count != size) {
                throw new IllegalStateException("A list of " + size + " entries had " + count + ".");
            }
        }
        return new double[] {(System.nanoTime() - start) / 1e6 / lists};
    }

    /** Many writes under one watch. */
    void watch() throws Exception {
        String scenario = Plan.KEYS + " writes until a watch has them";
        if (duel.wants(scenario)) {
            fill();
            duel.run(
                    scenario, raw.name(), List.of(new Duel.Figure("", "s")), () -> observed(ours), () -> observed(raw));
        }
    }

    private static double[] observed(Contender contender) throws Exception {
        try (Contender.Observation observation = contender.observe()) {
            long start = System.nanoTime();
            BenchmarkLoad.run(Plan.KEYS, Plan.IN_FLIGHT, key -> contender.put(key, VALUE));
            observation.awaitAll();
            return new double[] {(System.nanoTime() - start) / 1e9};
        }
    }

    /** Many watches with a write each. */
    void manyWatches() throws Exception {
        String scenario = plan.watches + " watches";
        if (duel.wants(scenario)) {
            DirectoryWatches ourWatches = ours.watches();
            DirectoryWatches rawWatches = raw.watches();
            ourWatches.prepare(plan.watches, VALUE);
            rawWatches.prepare(plan.watches, VALUE);
            duel.run(
                    scenario,
                    raw.name(),
                    List.of(
                            new Duel.Figure(", set up", "ms"),
                            new Duel.Figure(", heap of one", "B"),
                            new Duel.Figure(", a write to each until seen", "ms")),
                    () -> watched(ourWatches),
                    () -> watched(rawWatches));
        }
    }

    private double[] watched(DirectoryWatches watches) throws Exception {
        Arrivals opened = new Arrivals(plan.watches);
        Arrivals seen = new Arrivals(plan.watches);
        long heap = LiveHeap.bytes();
        long start = System.nanoTime();
        watches.open(opened::seen, seen::seen);
        opened.awaitAll();
        double setUp = (System.nanoTime() - start) / 1e6;
        double heapOfOne = (double) (LiveHeap.bytes() - heap) / plan.watches;
        seen.expectAll();
        start = System.nanoTime();
        BenchmarkLoad.run(plan.watches, Plan.IN_FLIGHT, i -> watches.write(i, VALUE));
        seen.awaitAll();
        double writes = (System.nanoTime() - start) / 1e6;
        watches.close();
        return new double[] {setUp, heapOfOne, writes};
    }

    /** Many leases, kept alive for a while; once, since a while is long. */
    void leases(ContenderLeases ourLeases, ContenderLeases rawLeases) throws Exception {
        String scenario = plan.leases + " leases";
        if (duel.wants(scenario)) {
            duel.runOnce(
                    scenario,
                    rawLeases.name(),
                    List.of(
                            new Duel.Figure(", grant", "s"),
                            new Duel.Figure(", CPU to keep", "ms/s"),
                            new Duel.Figure(", bytes to keep", "kB/s")),
                    () -> kept(ourLeases),
                    () -> kept(rawLeases));
        }
    }

    private double[] kept(ContenderLeases leases) throws Exception {
        long start = System.nanoTime();
        leases.grant(plan.leases);
        double grant = (System.nanoTime() - start) / 1e9;
        double cpu = ProcessUsage.cpuSeconds();
        OptionalLong moved = ProcessUsage.bytesMoved();
        Thread.sleep(plan.leaseSeconds * 1_000L);
        double cpuUsed = ProcessUsage.cpuSeconds() - cpu;
        long bytes = ProcessUsage.bytesMoved().orElse(0) - moved.orElse(0);
        leases.release();
        return new double[] {grant, cpuUsed * 1e3 / plan.leaseSeconds, bytes / 1e3 / plan.leaseSeconds};
    }
}
