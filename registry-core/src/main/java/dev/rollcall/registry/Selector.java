package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;

/**
 * Picks one node of many, for a key where that matters. Selectors are small and put together:
 *
 * <pre>{@code
 * Selector<NodeStatus> pumps = Selector.sticky(Selector.<NodeStatus>rendezvousHash().filter(NodeFilters.labelled("zone", "a"))
 *                 .then(Selector.roundRobin()))
 *         .filter(NodeFilters.alive());
 * Optional<Node<NodeStatus>> pump = pumps.select(view, "transaction-7");
 * }</pre>
 *
 * <p>Where there is nothing to pick, the answer is empty and never an exception. Those made here are safe for use by several threads.
 *
 * @param <T> the type of the records
 */
@FunctionalInterface
public interface Selector<T> {
    /**
     * Picks one.
     *
     * @param candidates the nodes to choose from, sorted by id, each id once; unchanged
     * @param key what the choice is for; selectors that pick one after another or at random do not look at it
     * @return one of the candidates, or empty if none will do
     */
    Optional<Node<T>> select(List<Node<T>> candidates, String key);

    /** Picks one of the nodes of a view, as it is now; empty if it has none. */
    default Optional<Node<T>> select(NodeView<T> view, String key) {
        return select(view.nodes().sorted(), key);
    }

    /** Picks one of the nodes of a view, where it is for no key in particular. */
    default Optional<Node<T>> select(NodeView<T> view) {
        return select(view, "");
    }

    /** This selector, which sees only nodes that pass; see {@link NodeFilters}, and {@link Predicate#and} for several conditions. */
    default Selector<T> filter(Predicate<? super Node<T>> passes) {
        requireNonNull(passes, "passes");
        return (candidates, key) -> select(candidates.stream().filter(passes).toList(), key);
    }

    /** This selector, which also asks that nodes pass the other's wish: picks by this one among those that pass. The same as {@link #filter}. */
    default Selector<T> and(Predicate<? super Node<T>> passes) {
        return filter(passes);
    }

    /** This selector, and {@code next} on the same candidates where it finds none. */
    default Selector<T> then(Selector<T> next) {
        requireNonNull(next, "next");
        return (candidates, key) -> select(candidates, key).or(() -> next.select(candidates, key));
    }

    /**
     * One after another, in the order of their ids. Each turn goes to the node that follows the one picked last, so that a node which comes or goes
     * neither gets nor costs another one a turn. Starts with the first; looks at no key.
     */
    static <T> Selector<T> roundRobin() {
        return new RoundRobinSelector<>();
    }

    /** {@link #roundRobin()}, by the name that it has in TiDB Binlog. */
    static <T> Selector<T> range() {
        return roundRobin();
    }

    /**
     * By the key. The same key goes to the same node, in every process and version; each node gets about the same number of keys. Of n nodes, one that goes
     * takes only its own keys with it, about 1/n, which spread over all others; one that comes takes about as many from all.
     */
    static <T> Selector<T> rendezvousHash() {
        return new RendezvousSelector<>();
    }

    /** {@link #rendezvousHash()}, by the name that a choice by the key has in TiDB Binlog, which takes the remainder, by which nearly all keys move. */
    static <T> Selector<T> hash() {
        return rendezvousHash();
    }

    /**
     * At random, each node as often as its weight says in proportion to the others'. A weight below zero means never; zero means only if no node has more, and
     * then all with zero alike. Looks at no key.
     */
    static <T> Selector<T> weighted(ToLongFunction<? super T> weight) {
        return new WeightedSelector<>(weight, ThreadLocalRandom::current, false);
    }

    /**
     * {@link #weighted(ToLongFunction)} with randomness that a test can repeat.
     *
     * @param random need not be safe for use by several threads if nobody else uses it
     */
    static <T> Selector<T> weighted(ToLongFunction<? super T> weight, RandomGenerator random) {
        requireNonNull(random, "random");
        Supplier<RandomGenerator> same = () -> random;
        return new WeightedSelector<>(weight, same, true);
    }

    /** {@linkplain #weighted(ToLongFunction) Weighted} by the score of the record, by the name that it has in TiDB Binlog, where it was never finished. */
    static Selector<NodeStatus> score() {
        return weighted(NodeStatus::score);
    }

    /** {@link #sticky(Selector, int)} for 10,000 keys. */
    static <T> Selector<T> sticky(Selector<T> choose) {
        return sticky(choose, 10_000);
    }

    /**
     * What {@code choose} has picked for a key stays so as long as it is among the candidates; after that another is picked, and stays also when the
     * former one comes back. A filter belongs around it, so that what does not pass any more is not stuck to.
     *
     * @param keys how many keys are remembered; of more, those that were not asked for the longest time are forgotten
     * @throws IllegalArgumentException if {@code keys} is not positive
     */
    static <T> Selector<T> sticky(Selector<T> choose, int keys) {
        return new StickySelector<>(choose, keys);
    }
}
