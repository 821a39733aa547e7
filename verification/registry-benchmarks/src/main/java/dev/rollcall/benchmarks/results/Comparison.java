package dev.rollcall.benchmarks.results;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.ArrayList;
import java.util.List;

/**
 * Ours beside a raw client, measured several times in turn.
 *
 * @param store the store
 * @param scenario what was done
 * @param unit of {@code ours} and {@code raw}
 * @param rival the name of the raw client
 * @param ours our figures, one for each round
 * @param raw the raw client's figures, of the same rounds
 */
public record Comparison(
        String store, String scenario, String unit, String rival, List<Double> ours, List<Double> raw) {
    /** Ours by the raw client's, for each round. */
    public List<Double> ratios() {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < ours.size(); i++) {
            ratios.add(ours.get(i) / raw.get(i));
        }
        return ratios;
    }

    /** Whether a higher figure is the better one: of rates it is; of times, bytes and CPU it is not. */
    @JsonIgnore
    public boolean isRate() {
        return unit.equals("k/s");
    }

    /** How many times as good as the raw client ours is, for each round: above 1 is better, whatever the unit. */
    public List<Double> gains() {
        return isRate() ? ratios() : ratios().stream().map(ratio -> 1 / ratio).toList();
    }
}
