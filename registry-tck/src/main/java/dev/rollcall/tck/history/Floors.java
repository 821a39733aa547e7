package dev.rollcall.tck.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** For each operation, the highest revision that somebody had been told before it was called. */
final class Floors {
    private static final Floor NONE = new Floor(-1, null, null);

    private final Map<Integer, Floor> linearizable = new HashMap<>();
    private final Map<Integer, Floor> anybody = new HashMap<>();
    private final Map<Integer, Floor> own = new HashMap<>();

    /**
     * A revision, and who was told.
     *
     * @param operation the operation that was told, or null
     * @param watch the watch that was told, or null
     */
    record Floor(
            long revision,
            @Nullable Operation operation,
            @Nullable WatchLog watch) {
        Floor max(Floor other) {
            return other.revision > revision ? other : this;
        }

        String who() {
            return operation != null ? operation.toString() : "a signal of " + watch;
        }

        boolean isWrite() {
            return operation != null && !operation.call().isRead();
        }
    }

    private record Event(long order, boolean isCall, String client, Floor floor) {}

    Floors(History history) {
        List<Event> events = new ArrayList<>();
        for (Operation operation : history.operations()) {
            Floor floor = new Floor(operation.result().revisionOrNone(), operation, null);
            events.add(new Event(operation.called().order(), true, operation.client(), floor));
            if (operation.deadline() != Long.MAX_VALUE && floor.revision() >= 0) {
                events.add(new Event(operation.deadline(), false, operation.client(), floor));
            }
        }
        for (WatchLog watch : history.watches()) {
            for (WatchLog.Delivery delivery : watch.deliveries()) {
                Floor floor = new Floor(revision(delivery.signal()), null, watch);
                events.add(new Event(delivery.at().order(), false, watch.client(), floor));
            }
        }
        events.sort(Comparator.comparingLong(Event::order));
        sweep(events);
    }

    private void sweep(List<Event> events) {
        Floor acknowledged = NONE;
        Floor told = NONE;
        Map<String, Floor> byClient = new HashMap<>();
        for (Event event : events) {
            Operation operation = event.floor().operation();
            if (event.isCall() && operation != null) {
                linearizable.put(operation.id(), acknowledged);
                anybody.put(operation.id(), told);
                own.put(operation.id(), byClient.getOrDefault(event.client(), NONE));
            } else {
                if (operation != null && !operation.call().isSequential()) {
                    acknowledged = acknowledged.max(event.floor());
                }
                told = told.max(event.floor());
                byClient.merge(event.client(), event.floor(), Floor::max);
            }
        }
    }

    private static long revision(WatchLog.Signal signal) {
        if (signal instanceof WatchLog.Whole whole) {
            return whole.revision();
        }
        return signal instanceof WatchLog.Delta delta ? delta.revision() : -1;
    }

    /** What a linearizable read has to reach. */
    Floor linearizable(Operation operation) {
        return linearizable.getOrDefault(operation.id(), NONE);
    }

    /** What a write has to exceed: the store had reached it already. */
    Floor anybody(Operation operation) {
        return anybody.getOrDefault(operation.id(), NONE);
    }

    /** What every read of the same handle has to reach. */
    Floor own(Operation operation) {
        return own.getOrDefault(operation.id(), NONE);
    }
}
