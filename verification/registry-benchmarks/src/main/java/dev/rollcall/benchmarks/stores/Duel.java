package dev.rollcall.benchmarks.stores;

import dev.rollcall.benchmarks.results.Comparison;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Two who take turns at the same scenario, after rounds that do not count. */
final class Duel {
    private static final int WARM_UP_ROUNDS = 3;
    private static final int OFTEN = 3;

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
    private final Plan plan;

    Duel(String store, Report report, Plan plan) {
        this.store = store;
        this.report = report;
        this.plan = plan;
    }

    /** Whether the scenario is to be run, or the set-up for it made. */
    boolean wants(String scenario) {
        return scenario.contains(plan.only);
    }

    /** Runs both as often as planned, after rounds that do not count; now one begins, now the other. */
    void run(String scenario, String rival, List<Figure> figures, Measurement ours, Measurement raw) throws Exception {
        run(scenario, rival, plan.rounds, figures, ours, raw);
    }

    /** The same, more often: for rounds so short that what else the machine does decides many of them. */
    void runOften(String scenario, String rival, List<Figure> figures, Measurement ours, Measurement raw)
            throws Exception {
        run(scenario, rival, OFTEN * plan.rounds, figures, ours, raw);
    }

    private void run(String scenario, String rival, int rounds, List<Figure> figures, Measurement ours, Measurement raw)
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

    /** By time too, since a number of rounds would warm up the slower side for longer, and the faster one hardly at all. */
    private void warmUp(Measurement side) throws Exception {
        long start = System.nanoTime();
        long atLeast = TimeUnit.SECONDS.toNanos(plan.warmUpSeconds);
        for (int round = 0; round < WARM_UP_ROUNDS || System.nanoTime() - start < atLeast; round++) {
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
