package dev.rollcall.tck.history;

/**
 * When something was seen to happen. Moments of a history are ordered by {@code order} alone: it is drawn from one counter, before a call
 * is made and after its answer has come, so that "returned before called" is never claimed wrongly, ties of the clock included.
 *
 * @param nanos a monotonic clock, for people
 * @param order the place among all moments of the history; unique
 */
public record Moment(long nanos, long order) implements Comparable<Moment> {
    /** Whether this came first. */
    public boolean isBefore(Moment other) {
        return order < other.order;
    }

    @Override
    public int compareTo(Moment other) {
        return Long.compare(order, other.order);
    }
}
