package dev.rollcall.registry;

import dev.rollcall.kv.Printable;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.support.UserCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares a view with fresh lists. Each audit is one list, and a second one if the first leaves doubts: a node that the newer of the two does not have may
 * have gone in between, which a healthy watch delivers soon.
 */
/*
 * Concurrency: looks follow one another, each scheduled by the one before; timer and closed are guarded by this.
 */
final class ViewAuditor<T> implements Subscription {
    private static final Logger LOG = LoggerFactory.getLogger(NodeView.class);

    /** How long a watch that is well may take at most; what is still in doubt after that is a difference. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private final RegistryContext registryContext;
    private final String kind;
    private final ViewReducer<T> reducer;
    private final Duration every;
    private final Consumer<? super ViewAudit> listener;
    private final Supplier<NodeSet<T>> present;
    private final BooleanSupplier upToDate;
    private @Nullable Subscription timer;
    private boolean closed;

    ViewAuditor(
            RegistryContext registryContext,
            String kind,
            ViewReducer<T> reducer,
            Duration every,
            Consumer<? super ViewAudit> listener,
            Supplier<NodeSet<T>> present,
            BooleanSupplier upToDate) {
        this.registryContext = registryContext;
        this.kind = kind;
        this.reducer = reducer;
        this.every = every;
        this.listener = listener;
        this.present = present;
        this.upToDate = upToDate;
    }

    void start() {
        schedule(every, Map.of());
    }

    private synchronized void schedule(Duration after, Map<String, String> doubts) {
        if (!closed) {
            timer = registryContext
                    .time()
                    .schedule(after, () -> registryContext.callbacks().execute(() -> look(doubts)));
        }
    }

    private void look(Map<String, String> doubts) {
        if (!upToDate.getAsBoolean()) {
            // It says itself that it is behind.
            schedule(every, Map.of());
            return;
        }
        registryContext.backend().list(registryContext.keys().scope(kind)).whenComplete((snapshot, failure) -> {
            if (snapshot == null) {
                LOG.debug("The view of '{}' could not be audited.", Printable.line(kind), failure);
                schedule(every, Map.of());
            } else {
                judge(snapshot, doubts);
            }
        });
    }

    private void judge(Snapshot snapshot, Map<String, String> doubts) {
        NodeSet<T> shown = present.get();
        NodeSet<T> listed = reducer.apply(NodeSet.empty(), reducer.prepare(snapshot, NodeSet.empty()), true);
        if (!upToDate.getAsBoolean()) {
            schedule(every, Map.of());
            return;
        }
        Comparison comparison = compare(shown, listed);
        if (doubts.isEmpty() && !comparison.doubtful.isEmpty()) {
            schedule(PATIENCE, comparison.doubtful);
            return;
        }
        List<ViewAudit.Difference> differences = new ArrayList<>();
        comparison.certain.forEach((id, detail) -> differences.add(new ViewAudit.Difference(id, detail)));
        comparison.doubtful.forEach((id, detail) -> {
            if (detail.equals(doubts.get(id))) {
                differences.add(new ViewAudit.Difference(id, detail));
            }
        });
        differences.sort(Comparator.comparing(ViewAudit.Difference::nodeId));
        ViewAudit audit = new ViewAudit(snapshot.revision(), differences);
        if (!differences.isEmpty()) {
            LOG.warn(
                    "The view of '{}' differs from the store at revision {}: {}.",
                    Printable.line(kind),
                    audit.revision(),
                    Printable.line(differences.toString()));
        }
        UserCode.run("audit listener", kind, () -> listener.accept(audit));
        schedule(every, Map.of());
    }

    private static final class Comparison {
        private final Map<String, String> certain = new HashMap<>();
        private final Map<String, String> doubtful = new HashMap<>();
    }

    private Comparison compare(NodeSet<T> shown, NodeSet<T> listed) {
        long both = Math.min(shown.revision(), listed.revision());
        boolean same = shown.revision() == listed.revision();
        Comparison comparison = new Comparison();
        PersistentMap.diff(shown.slots(), listed.slots(), (id, ours, theirs) -> {
            long here = revision(ours);
            long there = revision(theirs);
            boolean beside = isClaimed(ours) == isClaimed(theirs) && mark(ours) == mark(theirs);
            if ((here == there && beside) || Math.max(here, there) > both) {
                return;
            }
            String detail = describe(ours, "the view") + ", " + describe(theirs, "the store");
            // Known to both, or missing from the one that cannot have seen it go.
            boolean present = here != 0 && there != 0;
            boolean missed = here == 0 ? shown.revision() == both : listed.revision() == both;
            boolean certain = same || (here != there && (present || missed));
            (certain ? comparison.certain : comparison.doubtful).put(id, detail);
        });
        return comparison;
    }

    private static long revision(NodeSet.@Nullable Slot<?> slot) {
        return slot == null ? 0 : slot.revision();
    }

    private static boolean isClaimed(NodeSet.@Nullable Slot<?> slot) {
        return slot != null && slot.claimed();
    }

    private static long mark(NodeSet.@Nullable Slot<?> slot) {
        return slot == null ? 0 : slot.mark();
    }

    private static String describe(NodeSet.@Nullable Slot<?> slot, String who) {
        long revision = revision(slot);
        return who + " has " + (revision == 0 ? "no record" : "its record at revision " + revision)
                + (isClaimed(slot) ? ", claimed" : "") + (mark(slot) == 0 ? "" : ", marked at revision " + mark(slot));
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (timer != null) {
            timer.close();
        }
    }
}
