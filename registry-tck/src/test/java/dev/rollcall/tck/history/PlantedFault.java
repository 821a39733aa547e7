package dev.rollcall.tck.history;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Changes what one client was told into something that no order of the operations explains, whatever became of those in doubt. */
enum PlantedFault {
    /** A read is answered with what an acknowledged put had replaced before the read was called. */
    STALE_READ {
        @Override
        Optional<History> in(History history, Random random) {
            List<Operation> changed = new ArrayList<>();
            for (Operation read : history.operations()) {
                Entry old = read.result() instanceof Result.Got && read.call() instanceof Call.Get get
                        ? replaced(history, get, read)
                        : null;
                if (old != null) {
                    changed.add(read.withResult(new Result.Got(old, old.revision())));
                }
            }
            return one(history, changed, random);
        }
    },
    /** A watch is told of a signal without one of the puts in it, which nothing deletes again. */
    SKIPPED_CHANGE {
        @Override
        Optional<History> in(History history, Random random) {
            List<History> changed = new ArrayList<>();
            for (int i = 0; i < history.watches().size(); i++) {
                WatchLog watch = history.watches().get(i);
                for (int j = 0; j < watch.deliveries().size(); j++) {
                    if (watch.deliveries().get(j).signal() instanceof WatchLog.Delta delta) {
                        for (WatchLog.Item item : delta.items()) {
                            if (item.revision() == delta.revision() && item.entry() != null) {
                                changed.add(without(history, i, j, delta, item));
                            }
                        }
                    }
                }
            }
            return changed.isEmpty() ? Optional.empty() : Optional.of(changed.get(random.nextInt(changed.size())));
        }
    };

    /** The history with one fault of this kind, if there is room for any. */
    abstract Optional<History> in(History history, Random random);

    private static Optional<History> one(History history, List<Operation> changed, Random random) {
        if (changed.isEmpty()) {
            return Optional.empty();
        }
        Operation liar = changed.get(random.nextInt(changed.size()));
        return Optional.of(history.map(operation -> operation.id() == liar.id() ? liar : operation));
    }

    /** An entry of a key that was acknowledged, and acknowledged to be replaced, before a read of it was called. */
    private static @Nullable Entry replaced(History history, Call.Get get, Operation read) {
        Entry old = null;
        Entry last = null;
        for (Operation write : history.operations()) {
            if (write.precedes(read)
                    && write.call() instanceof Call.Commit commit
                    && write.result() instanceof Result.Committed committed) {
                for (Edit edit : commit.writes()) {
                    if (edit.key().equals(get.key()) && edit.value() != null) {
                        Entry entry = new Entry(edit.key(), edit.value(), committed.revision(), false);
                        old = last;
                        last = entry;
                    }
                }
            }
        }
        return old != null && last != null && old.revision() < last.revision() ? old : null;
    }

    private static History without(History history, int watch, int delivery, WatchLog.Delta delta, WatchLog.Item item) {
        List<WatchLog> watches = new ArrayList<>(history.watches());
        List<WatchLog.Delivery> deliveries = new ArrayList<>(watches.get(watch).deliveries());
        List<WatchLog.Item> left = new ArrayList<>(delta.items());
        left.remove(item);
        deliveries.set(
                delivery,
                new WatchLog.Delivery(deliveries.get(delivery).at(), new WatchLog.Delta(left, delta.revision())));
        watches.set(watch, watches.get(watch).withDeliveries(deliveries));
        return history.withWatches(watches);
    }
}
