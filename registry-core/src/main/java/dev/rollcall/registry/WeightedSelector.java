package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;

/** At random, in proportion to weights. */
/*
 * Concurrency: a generator that was injected is used under its own monitor; others are each thread's own.
 */
final class WeightedSelector<T> implements Selector<T> {
    private final ToLongFunction<? super T> weight;
    private final Supplier<? extends RandomGenerator> random;
    private final boolean shared;

    WeightedSelector(ToLongFunction<? super T> weight, Supplier<? extends RandomGenerator> random, boolean shared) {
        this.weight = requireNonNull(weight, "weight");
        this.random = random;
        this.shared = shared;
    }

    @Override
    public Optional<Node<T>> select(List<Node<T>> candidates, String key) {
        // Once, since it is the user's code and might answer otherwise the second time.
        double[] weights = new double[candidates.size()];
        double sum = 0;
        int zeros = 0;
        for (int i = 0; i < weights.length; i++) {
            long own = weight.applyAsLong(candidates.get(i).value());
            weights[i] = own;
            // In double: no sum of longs can overflow it, and a relative error of 1e-16 is nothing to chance.
            sum += Math.max(0, weights[i]);
            zeros += own == 0 ? 1 : 0;
        }
        if (sum > 0) {
            return Optional.of(candidates.get(pick(weights, next() * sum)));
        }
        if (zeros == 0) {
            return Optional.empty();
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] = weights[i] == 0 ? 1 : 0;
        }
        return Optional.of(candidates.get(pick(weights, next() * zeros)));
    }

    private static int pick(double[] weights, double at) {
        double left = at;
        int last = 0;
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] > 0) {
                last = i;
                left -= weights[i];
                if (left < 0) {
                    return i;
                }
            }
        }
        // Only by rounding.
        return last;
    }

    private double next() {
        RandomGenerator generator = random.get();
        if (!shared) {
            return generator.nextDouble();
        }
        synchronized (generator) {
            return generator.nextDouble();
        }
    }
}
