package dev.rollcall.benchmarks.stores;

import dev.rollcall.benchmarks.results.Comparison;
import java.util.ArrayList;
import java.util.List;

/** Two who take turns at the same scenario, after some rounds that do not count. */
final class Duel {
    /** After one round of a fast scenario the compiler has not even begun with it. */
    private static final int WARM_UP_ROUNDS = 3;

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
        measure(scenario, rival, -WARM_UP_ROUNDS, rounds, figures, ours, raw);
    }

    /** Runs both once, ours first: for what takes long and is long enough. */
    void runOnce(String scenario, String rival, List<Figure> figures, Measurement ours, Measurement raw)
            throws Exception {
        measure(scenario, rival, 0, 1, figures, ours, raw);
    }

    private void measure(
            String scenario,
            String rival,
            int from,
            int rounds,
            List<Figure> figures,
            Measurement ours,
            Measurement raw)
            throws Exception {
        List<double[]> oursOf = new ArrayList<>();
        List<double[]> rawOf = new ArrayList<>();
        for (int round = from; round < rounds; round++) {
            // Who goes second finds a warmer machine and a fuller server, so that is not always the same one.
            boolean oursFirst = round % 2 == 0;
            double[] first = (oursFirst ? ours : raw).figures();
            double[] second = (oursFirst ? raw : ours).figures();
            if (round >= 0) {
                oursOf.add(oursFirst ? first : second);
                rawOf.add(oursFirst ? second : first);
            }
        }
        for (int i = 0; i < figures.size(); i++) {
            Figure figure = figures.get(i);
            report.add(new Comparison(
                    store, scenario + figure.suffix(), figure.unit(), rival, column(oursOf, i), column(rawOf, i)));
        }
    }

    private static List<Double> column(List<double[]> rows, int figure) {
        return rows.stream().map(row -> row[figure]).toList();
    }
}
