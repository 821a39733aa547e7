package dev.rollcall.tck.history;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Tells one thing of a history wrongly. */
final class Mutation {
    private final Random random;
    private final History history;

    private Mutation(Random random, History history) {
        this.random = random;
        this.history = history;
    }

    static History of(History history, long seed) {
        History changed = history;
        Random random = new Random(seed);
        for (int i = 0; i <= random.nextInt(2); i++) {
            changed = new Mutation(random, changed).apply();
        }
        return changed;
    }

    private History apply() {
        List<Operation> operations = new ArrayList<>(history.operations());
        int index = random.nextInt(operations.size());
        Operation operation = operations.get(index);
        if (random.nextInt(5) == 0) {
            return History.of(earlier(operations, index));
        }
        operations.set(index, operation.withResult(lie(operation)));
        return History.of(operations);
    }

    /** Ends an operation right after its call, so that it must have taken effect sooner. */
    private static List<Operation> earlier(List<Operation> operations, int index) {
        List<Operation> shifted = new ArrayList<>();
        Operation chosen = operations.get(index);
        for (Operation operation : operations) {
            Moment returned = operation.returned();
            if (operation.equals(chosen) && returned != null) {
                returned = new Moment(0, chosen.called().order() * 2 + 1);
            } else if (returned != null) {
                returned = new Moment(0, returned.order() * 2);
            }
            shifted.add(new Operation(
                    operation.id(),
                    operation.client(),
                    operation.call(),
                    new Moment(0, operation.called().order() * 2),
                    returned,
                    operation.result()));
        }
        return shifted;
    }

    private Result lie(Operation operation) {
        Result truth = operation.result();
        int step = random.nextBoolean() ? 1 : -1;
        if (truth instanceof Result.Got got) {
            return switch (random.nextInt(3)) {
                case 0 -> new Result.Got(got.entry(), Math.max(1, got.revision() + step));
                case 1 -> new Result.Got(null, got.revision());
                default -> otherRead(operation, got);
            };
        } else if (truth instanceof Result.Listed listed) {
            return listed.entries().isEmpty() || random.nextInt(3) == 0
                    ? new Result.Listed(listed.entries(), Math.max(1, listed.revision() + step))
                    : new Result.Listed(without(listed.entries()), listed.revision());
        } else if (truth instanceof Result.KeysListed listed) {
            return listed.keys().isEmpty() || random.nextInt(3) == 0
                    ? new Result.KeysListed(listed.keys(), Math.max(1, listed.revision() + step))
                    : new Result.KeysListed(without(listed.keys()), listed.revision());
        } else if (truth instanceof Result.Committed committed) {
            return switch (random.nextInt(4)) {
                case 0 -> new Result.Committed(Math.max(1, committed.revision() + step));
                case 1 -> new Result.NotApplied("lie");
                case 2 -> new Result.Unknown("lie");
                default -> failure(operation, committed);
            };
        } else if (truth instanceof Result.ConditionFailed failed) {
            return random.nextBoolean()
                    ? new Result.Committed(Math.max(1, failed.actualRevision() + 1))
                    : new Result.ConditionFailed(failed.condition(), otherRevision(failed.actualRevision()));
        }
        return new Result.Committed(1 + random.nextInt(8));
    }

    private static Result failure(Operation operation, Result.Committed truth) {
        boolean conditional = operation.call() instanceof Call.Commit commit
                && !commit.conditions().isEmpty();
        return conditional ? new Result.ConditionFailed(0, 0) : truth;
    }

    private long otherRevision(long actual) {
        return actual == 0 ? 0 : Math.max(1, actual + (random.nextBoolean() ? 1 : -1));
    }

    private Result otherRead(Operation operation, Result.Got got) {
        List<Result.Got> others = history.operations().stream()
                .filter(other -> other.call().equals(operation.call()))
                .map(Operation::result)
                .filter(Result.Got.class::isInstance)
                .map(Result.Got.class::cast)
                .toList();
        return others.isEmpty() ? got : others.get(random.nextInt(others.size()));
    }

    private <T> List<T> without(List<T> all) {
        List<T> fewer = new ArrayList<>(all);
        fewer.remove(random.nextInt(fewer.size()));
        return fewer;
    }
}
