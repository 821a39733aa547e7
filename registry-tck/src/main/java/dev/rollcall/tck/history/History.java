package dev.rollcall.tck.history;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * What the clients of one store did and saw, in the order in which it was seen. None of the keys named may have existed before the first
 * operation, and nobody else may have written them.
 *
 * @param operations the operations, in order of their calls
 * @param watches the watches
 * @param marks what else happened
 */
public record History(List<Operation> operations, List<WatchLog> watches, List<Mark> marks) {
    public History {
        requireNonNull(operations, "operations");
        List<Operation> sorted = new ArrayList<>(operations);
        sorted.sort(Comparator.comparing(Operation::called));
        operations = List.copyOf(sorted);
        watches = List.copyOf(watches);
        marks = List.copyOf(marks);
        checkDistinct(operations);
    }

    /** A history of operations only. */
    public static History of(List<Operation> operations) {
        return new History(operations, List.of(), List.of());
    }

    /** The operation with this id. */
    public Operation operation(int id) {
        return operations.stream()
                .filter(operation -> operation.id() == id)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("There is no operation #" + id + "."));
    }

    History filter(Predicate<Operation> kept) {
        return new History(operations.stream().filter(kept).toList(), watches, marks);
    }

    History map(UnaryOperator<Operation> change) {
        return new History(operations.stream().map(change).toList(), watches, marks);
    }

    History withWatches(List<WatchLog> others) {
        return new History(operations, others, marks);
    }

    private static void checkDistinct(List<Operation> operations) {
        Set<Integer> ids = new HashSet<>();
        Set<Long> orders = new HashSet<>();
        for (Operation operation : operations) {
            boolean fresh = ids.add(operation.id())
                    && orders.add(operation.called().order())
                    && (operation.returned() == null
                            || orders.add(operation.returned().order()));
            if (!fresh) {
                throw new IllegalArgumentException(
                        "The operation #" + operation.id() + " shares its id or a moment with another one.");
            }
        }
    }
}
