package dev.rollcall.tck.history;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks for an order of steps that agrees with real time and with every answer: J. Wing and C. Gong, "Testing and verifying concurrent
 * objects" (1993), with the memory of what was tried by G. Lowe, "Testing for linearizability" (2017).
 *
 * <p>Calls and returns form a linked list in order of time. Any call before the first return may come next; it is taken out of the list
 * together with its return. When a return comes first instead, its call should have been taken before, and the last one taken is put
 * back. A set of steps taken that led to a state is never tried twice. What is in doubt has no return, so it may be taken at any time
 * after its call, or never.
 *
 * <p>A read that fits is never put back to try without it: whatever order comes to be found with the read later works with the read now.
 */
final class OrderSearch {
    private static final int CLOCK_INTERVAL = 1 << 12;

    private final List<Step> steps;
    private final int[] initial;
    private final long giveUpAt;
    private final Node head = new Node(-1, false);
    private final BitSet taken;
    private final Set<Tried> tried = new HashSet<>();
    private final Deque<Choice> choices = new ArrayDeque<>();
    private int definite;
    private int deepest = -1;
    private @Nullable Operation obstacle;
    private long visited;

    /** How a search ended. */
    enum Outcome {
        FOUND,
        IMPOSSIBLE,
        GAVE_UP
    }

    private record Choice(Node call, int[] state) {}

    private record Tried(BitSet taken, int[] state) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Tried that && taken.equals(that.taken) && Arrays.equals(state, that.state);
        }

        @Override
        public int hashCode() {
            return 31 * taken.hashCode() + Arrays.hashCode(state);
        }
    }

    /** A call, or a return if {@code isReturn}. */
    private static final class Node {
        final int step;
        final boolean isReturn;

        @Nullable
        Node answer;

        @Nullable
        Node next;

        @Nullable
        Node previous;

        Node(int step, boolean isReturn) {
            this.step = step;
            this.isReturn = isReturn;
        }

        void remove() {
            if (previous != null) {
                previous.next = next;
            }
            if (next != null) {
                next.previous = previous;
            }
        }

        void putBack() {
            if (previous != null) {
                previous.next = this;
            }
            if (next != null) {
                next.previous = this;
            }
        }
    }

    OrderSearch(List<Step> steps, int keys, long giveUpAt) {
        this.steps = steps;
        this.initial = new int[keys];
        this.giveUpAt = giveUpAt;
        this.taken = new BitSet(steps.size());
        link();
    }

    private void link() {
        record Point(long order, Node node) {}
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            Operation operation = steps.get(i).operation();
            Node call = new Node(i, false);
            points.add(new Point(operation.called().order(), call));
            if (operation.deadline() != Long.MAX_VALUE) {
                definite++;
                call.answer = new Node(i, true);
                points.add(new Point(operation.deadline(), call.answer));
            }
        }
        points.sort(Comparator.comparingLong(Point::order));
        Node last = head;
        for (Point point : points) {
            last.next = point.node();
            point.node().previous = last;
            last = point.node();
        }
    }

    Outcome run() {
        int[] state = initial;
        Node node = head.next;
        while (definite > 0) {
            if (++visited % CLOCK_INTERVAL == 0 && System.nanoTime() - giveUpAt > 0) {
                return Outcome.GAVE_UP;
            }
            if (node == null) {
                // Only calls in doubt are left of this branch, yet something definite was not taken; cannot happen,
                // since what is definite has its return in the list.
                throw new IllegalStateException("The list of calls and returns is broken.");
            }
            if (node.isReturn) {
                remember(node);
                Choice last = backtrack();
                if (last == null) {
                    return Outcome.IMPOSSIBLE;
                }
                state = last.state();
                node = last.call().next;
            } else {
                int[] next = take(node, state);
                if (next == null) {
                    node = node.next;
                } else {
                    state = next;
                    node = head.next;
                }
            }
        }
        return Outcome.FOUND;
    }

    /** The operation that could not be explained in the longest order found. */
    @Nullable
    Operation obstacle() {
        return obstacle;
    }

    /** How many operations the longest order found explains. */
    int deepest() {
        return Math.max(deepest, 0);
    }

    /** How many calls and returns the search has looked at so far. */
    long visited() {
        return visited;
    }

    private int @Nullable [] take(Node call, int[] state) {
        int[] next = steps.get(call.step).apply(state);
        if (next == null) {
            return null;
        }
        taken.set(call.step);
        if (!tried.add(new Tried((BitSet) taken.clone(), next))) {
            taken.clear(call.step);
            return null;
        }
        choices.push(new Choice(call, state));
        call.remove();
        if (call.answer != null) {
            call.answer.remove();
            definite--;
        }
        return next;
    }

    private @Nullable Choice backtrack() {
        while (!choices.isEmpty()) {
            Choice last = choices.pop();
            Node call = last.call();
            taken.clear(call.step);
            if (call.answer != null) {
                call.answer.putBack();
                definite++;
            }
            call.putBack();
            if (!steps.get(call.step).isReadOnly()) {
                return last;
            }
        }
        return null;
    }

    private void remember(Node first) {
        if (choices.size() > deepest) {
            deepest = choices.size();
            obstacle = steps.get(first.step).operation();
        }
    }
}
