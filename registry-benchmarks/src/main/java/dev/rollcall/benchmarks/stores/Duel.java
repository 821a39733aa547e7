package dev.rollcall.benchmarks.stores;

import dev.rollcall.benchmarks.results.Comparison;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Two who take turns at the same scenario, after rounds that do not count. */
final class Duel {
    private static final int WARM_UP_ROUNDS = 3;

    /**
     * How long each side is warmed up, whichever of the two takes more. Rounds alone would warm up the slower side for longer, and the compiler
     * counts by time too: after three rounds of a fast scenario it has hardly begun.
     */
    private static final long WARM_UP_NANOS = Duration.ofSeconds(5).toNanos();

    /**
     * One of the figures of a scenario.
     *
     * @param suffix what to put after the scenario's name
     * @param unit its unit
     */
    record Figure(String suffix, String unit) {}

    /** Runs a scenario once, and tells its figures. */
    interface Measurement {
        double[] figures() throws Exception;
    }

    private final String store;
    private final Report report;
    private final String only;

    /** @param only what the name of a scenario must contain to be run */
    Duel(String store, Report report, String only) {
        this.store = store;
        this.report = report;
        this.only = only;
    }

    /** Whether the scenario is to be run, or the set-up for it made. */
    boolean wants(String scenario) {
        return scenario.contains(only);
    }

    /** Runs both {@code rounds} times after some that do not count; now one begins, now the other. */
    void run(String scenario, String rival, int rounds, List<Figure> figures, Measurement ours, Measurement raw)
            throws Exception {
        warmUp(ours);
        warmUp(raw);
        measure(scenario, rival, rounds, figures, ours, raw);
    }

    /** Runs both once, ours first: for what takes long and is long enough. */
    void runOnce(String scenario, String rival, List<Figure> figures, Measurement ours, Measurement raw)
            throws Exception {
        measure(scenario, rival, 1, figures, ours, raw);
    }

    private static void warmUp(Measurement side) throws Exception {
        long start = System.nanoTime();
        for (int round = 0; round < WARM_UP_ROUNDS || System.nanoTime() - start < WARM_UP_NANOS; round++) {
            side.figures();
        }
    }

    private void measure(
            String scenario, String rival, int rounds, List<Figure> figures, Measurement ours, Measurement raw)
            throws Exception {
        List<double[]> oursOf = new ArrayList<>();
        List<double[]> rawOf = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            // Who goes second finds a warmer machine and a fuller server, so that is not always the same one.
            boolean oursFirst = round % 2 == 0;
            double[] first = alone(oursFirst ? ours : raw);
            double[] second = alone(oursFirst ? raw : ours);
            oursOf.add(oursFirst ? first : second);
            rawOf.add(oursFirst ? second : first);
        }
        for (int i = 0; i < figures.size(); i++) {
            Figure figure = figures.get(i);
            report.add(new Comparison(
                    store, scenario + figure.suffix(), figure.unit(), rival, column(oursOf, i), column(rawOf, i)));
        }
    }

    /** Nobody is to pay for the garbage of the other. */
    private static double[] alone(Measurement side) throws Exception {
        System.gc();
        return side.figures();
    }

    private static List<Double> column(List<double[]> rows, int figure) {
        return rows.stream().map(row -> row[figure]).toList();
    }
}
