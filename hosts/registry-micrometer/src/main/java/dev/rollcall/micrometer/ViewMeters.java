package dev.rollcall.micrometer;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Subscription;
import dev.rollcall.registry.NodeChange;
import dev.rollcall.registry.NodeView;
import dev.rollcall.registry.ViewUpdate;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Meters of a view, all with the tag {@code kind} and those given. Views whose tags are the same cannot be told apart, so give those of several stores a tag
 * each. Close this when the view is closed: its meters go, and a view that takes its place can be shown; a closed view that is still metered is stale and ages.
 *
 * <table>
 *   <caption>The meters</caption>
 *   <tr><th>name</th><th>kind</th><th>is</th></tr>
 *   <tr><td>{@code rollcall.view.nodes}</td><td>gauge</td><td>the nodes shown</td></tr>
 *   <tr><td>{@code rollcall.view.alive}</td><td>gauge</td><td>those of them that are alive</td></tr>
 *   <tr><td>{@code rollcall.view.unreadable}</td><td>gauge</td><td>entries that are no nodes</td></tr>
 *   <tr><td>{@code rollcall.view.revision}</td><td>gauge</td><td>the revision shown</td></tr>
 *   <tr><td>{@code rollcall.view.age}</td><td>time gauge</td><td>how long the view may have been behind; 0 while it follows the store</td></tr>
 *   <tr><td>{@code rollcall.view.stale}</td><td>gauge</td><td>1 if it may be behind, else 0</td></tr>
 *   <tr><td>{@code rollcall.view.protected}</td><td>gauge</td><td>1 while it shows nodes that the store says are gone, else 0</td></tr>
 *   <tr><td>{@code rollcall.view.resyncs}</td><td>counter</td><td>how often it was filled anew, the first time included</td></tr>
 *   <tr><td>{@code rollcall.view.changes}</td><td>counter</td><td>nodes that have {@code joined}, {@code changed} or {@code left}, by the tag {@code type}</td></tr>
 * </table>
 */
public final class ViewMeters implements MeterBinder, AutoCloseable {
    private final NodeView<?> view;
    private final Tags tags;
    /* Concurrency: guarded by this. */
    private final List<Meter> bound = new ArrayList<>();
    private @Nullable MeterRegistry registry;
    private @Nullable Subscription counting;

    private ViewMeters(NodeView<?> view, Tags tags) {
        this.view = requireNonNull(view, "view");
        this.tags = requireNonNull(tags, "tags").and("kind", view.kind());
    }

    /** Meters of a view without further tags. */
    public static ViewMeters of(NodeView<?> view) {
        return of(view, Tags.empty());
    }

    /** Meters of a view with further tags, such as that of its store. */
    public static ViewMeters of(NodeView<?> view, Tags tags) {
        return new ViewMeters(view, tags);
    }

    /**
     * Registers the meters, and counts changes from now on until this or the view is closed; what is there already counts as filled and joined.
     *
     * @throws IllegalStateException if they were registered already, here or elsewhere: what happens would be counted twice
     */
    @Override
    public synchronized void bindTo(MeterRegistry registry) {
        if (this.registry != null) {
            throw new IllegalStateException("The meters of the view of '" + view.kind()
                    + "' are registered already; make others with ViewMeters.of for another registry.");
        }
        this.registry = registry;
        gauge(registry, "nodes", "Nodes shown.", it -> it.nodes().size());
        gauge(registry, "alive", "Nodes alive.", it -> it.nodes().alive());
        gauge(
                registry,
                "unreadable",
                "Entries that are no nodes.",
                it -> it.unreadable().size());
        gauge(registry, "revision", "The revision shown.", it -> it.revision());
        gauge(registry, "stale", "1 if it may be behind.", it -> it.staleSince().isPresent() ? 1 : 0);
        gauge(
                registry,
                "protected",
                "1 while it shows what is gone.",
                it -> it.protectedSince().isPresent() ? 1 : 0);
        bound.add(TimeGauge.builder(
                        "rollcall.view.age",
                        view,
                        TimeUnit.NANOSECONDS,
                        it -> it.age().toNanos())
                .description("How long the view may have been behind.")
                .tags(tags)
                .register(registry));
        counting = count(view, registry);
    }

    /** Takes the meters away, and counts no more. Does nothing if they are not registered. */
    @Override
    public synchronized void close() {
        if (counting != null) {
            counting.close();
            counting = null;
        }
        if (registry != null) {
            bound.forEach(registry::remove);
            bound.clear();
        }
    }

    private void gauge(MeterRegistry registry, String name, String description, ToDoubleFunction<NodeView<?>> value) {
        bound.add(Gauge.<NodeView<?>>builder("rollcall.view." + name, view, value)
                .description(description)
                .tags(tags)
                .register(registry));
    }

    private <T> Subscription count(NodeView<T> counted, MeterRegistry registry) {
        Counter resyncs = Counter.builder("rollcall.view.resyncs")
                .description("How often the view was filled anew.")
                .tags(tags)
                .register(registry);
        Map<NodeChange.Type, Counter> changes = new EnumMap<>(NodeChange.Type.class);
        for (NodeChange.Type type : NodeChange.Type.values()) {
            changes.put(
                    type,
                    Counter.builder("rollcall.view.changes")
                            .description("Nodes that have come, changed or gone.")
                            .tags(tags)
                            .tag("type", type.name().toLowerCase(Locale.ROOT))
                            .register(registry));
        }
        bound.add(resyncs);
        bound.addAll(changes.values());
        return counted.listen((ViewUpdate<T> update) -> {
            if (update.resynced()) {
                resyncs.increment();
            }
            update.changes()
                    .forEach(
                            change -> requireNonNull(changes.get(change.type())).increment());
        });
    }
}
