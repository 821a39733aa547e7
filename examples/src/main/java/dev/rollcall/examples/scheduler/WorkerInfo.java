package dev.rollcall.examples.scheduler;

import java.util.Map;

/**
 * What a worker says of itself.
 *
 * @param labels what it can be chosen by, such as its zone
 */
public record WorkerInfo(Map<String, String> labels) {
    static final String ZONE = "zone";

    public WorkerInfo {
        labels = Map.copyOf(labels);
    }

    static WorkerInfo in(String zone) {
        return new WorkerInfo(Map.of(ZONE, zone));
    }
}
