package dev.rollcall.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** How many nodes were alive when: a point for each second in which that changed. Bounded; what is older is kept in less detail. */
/* Concurrency: confined to the console's thread. */
final class AliveHistory {
    static final int MOST_POINTS = 2_000;

    private static final Duration RESOLUTION = Duration.ofSeconds(1);

    /** A line without changes goes on, so that a gap is none. */
    private static final Duration REPEAT = Duration.ofSeconds(15);

    private final List<Point> points = new ArrayList<>();
    private final List<Point> fresh = new ArrayList<>();

    private record Point(Instant at, int alive, int total) {
        void put(ArrayNode to) {
            to.addArray().add(at.toEpochMilli()).add(alive).add(total);
        }
    }

    /** Notes that there are so many now. */
    void add(Instant now, int alive, int total) {
        Point point = new Point(now, alive, total);
        Point last = points.isEmpty() ? null : points.get(points.size() - 1);
        if (last != null && last.alive == alive && last.total == total && now.isBefore(last.at.plus(REPEAT))) {
            return;
        }
        if (last != null && now.isBefore(last.at.plus(RESOLUTION)) && points.size() > 1) {
            // Within one second the last one counts.
            points.set(points.size() - 1, new Point(last.at, alive, total));
            if (fresh.isEmpty()) {
                fresh.add(new Point(last.at, alive, total));
            } else {
                fresh.set(fresh.size() - 1, new Point(last.at, alive, total));
            }
            return;
        }
        points.add(point);
        fresh.add(point);
        if (points.size() > MOST_POINTS) {
            thin();
        }
    }

    void tick(Instant now, int alive, int total) {
        if (!points.isEmpty()) {
            add(now, alive, total);
        }
    }

    /** Every second point of the older half goes. */
    private void thin() {
        List<Point> kept = new ArrayList<>();
        for (int i = 0; i < points.size(); i++) {
            if (i >= points.size() / 2 || i % 2 == 0) {
                kept.add(points.get(i));
            }
        }
        points.clear();
        points.addAll(kept);
    }

    int size() {
        return points.size();
    }

    boolean hasNew() {
        return !fresh.isEmpty();
    }

    void put(ArrayNode to) {
        points.forEach(point -> point.put(to));
    }

    /** What has come since the last time; a point with the time of an earlier one takes its place. */
    void putNew(ArrayNode to) {
        fresh.forEach(point -> point.put(to));
        taken();
    }

    void taken() {
        fresh.clear();
    }
}
