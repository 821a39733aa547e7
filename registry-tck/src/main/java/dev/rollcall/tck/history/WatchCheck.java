package dev.rollcall.tck.history;

import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Key;
import dev.rollcall.tck.history.Versions.Cell;
import dev.rollcall.tck.history.Versions.Version;
import dev.rollcall.tck.history.WatchLog.Delta;
import dev.rollcall.tck.history.WatchLog.Item;
import dev.rollcall.tck.history.WatchLog.Start;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Compares the signals of one watch with a replay.
 *
 * <p>If the observer held the right cut before a signal, it holds the right one after it exactly if the signal has, for every key that
 * changed in between, its last change. So each signal costs as much as what changed, and snapshots alone are compared whole.
 */
final class WatchCheck {
    /** The order of {@link Changes#ORDER}. */
    private static final Comparator<Item> ORDER =
            Comparator.comparingLong(Item::revision).thenComparing(Item::key);

    private final WatchLog watch;
    private final Replay replay;
    private final Versions versions;
    private final RevisionWriters revisionWriters;
    private final List<Version> below;
    private final Findings findings;
    private long position;
    private boolean begun;
    private boolean ended;
    private Set<Key> lastKeys = Set.of();

    WatchCheck(WatchLog watch, Replay replay, Findings findings) {
        this.watch = watch;
        this.replay = replay;
        this.revisionWriters = replay.revisionWriters();
        this.versions = replay.versions();
        this.below = versions.below(watch.directory());
        this.findings = findings;
        this.position = watch.start() == Start.SNAPSHOT ? -1 : watch.after();
        this.begun = watch.start() != Start.SNAPSHOT;
    }

    void run() {
        boolean failed = false;
        for (WatchLog.Delivery delivery : watch.deliveries()) {
            if (ended) {
                certain("WATCH-12", "was told '" + delivery.signal() + "' after its end", List.of());
                return;
            }
            if (delivery.signal() instanceof WatchLog.Whole whole) {
                whole(whole);
            } else if (delivery.signal() instanceof Delta delta) {
                delta(delta);
            } else if (delivery.signal() instanceof WatchLog.End end) {
                ended = true;
                failed = end.cause() != null;
            }
        }
        if (watch.closed() != null && !ended) {
            certain("WATCH-12", "was closed and never told its end", List.of());
        }
        if (!failed && watch.owed() > 0) {
            converged();
        }
    }

    private void whole(WatchLog.Whole whole) {
        if (watch.start() != Start.SNAPSHOT) {
            certain("WATCH-1", "was given a snapshot, although it was started after a revision", List.of());
        }
        if (whole.revision() < position) {
            certain("WATCH-3", "went back from revision " + position + " to " + whole, List.of());
        }
        begun = true;
        position = whole.revision();
        lastKeys = Set.of();
    }

    private void delta(Delta delta) {
        if (!begun) {
            certain("WATCH-1", "was given changes before a snapshot", List.of());
            begun = true;
        }
        if (delta.revision() < position) {
            certain("WATCH-3", "went back from revision " + position + " to " + delta, List.of());
        }
        Map<Key, Item> told = new LinkedHashMap<>();
        Item last = null;
        for (Item item : delta.items()) {
            if (told.put(item.key(), item) != null || last != null && ORDER.compare(last, item) >= 0) {
                report("WATCH-3", "was told '" + item + "' twice or out of order in " + delta, List.of());
            }
            last = item;
            item(item, delta);
        }
        missing(told, delta);
        position = delta.revision();
        lastKeys = told.keySet();
    }

    private void item(Item item, Delta delta) {
        Version version = versions.at(item.key(), delta.revision());
        if (!watch.directory().covers(item.key())) {
            certain("WATCH-8", "was told '" + item + "', which is not below it", List.of());
        } else if (item.revision() <= position) {
            stale(item);
        } else if (item.revision() > delta.revision()) {
            report("WATCH-2", "was told '" + item + "' by a signal at revision " + delta.revision(), List.of());
        } else if (version == null || version.revision() != item.revision()) {
            mistaken(item, version, replay.isCertain(item.key(), delta.revision()));
        } else if (!same(item, version)) {
            found(
                    replay.isCertain(item.key(), delta.revision()),
                    "WATCH-9",
                    "was told '" + item + "', but it was " + version.by(),
                    version.writers());
        }
    }

    private void stale(Item item) {
        if (begun && watch.start() != Start.SNAPSHOT && item.revision() <= watch.after()) {
            certain("WATCH-10", "was told '" + item + "', although it started after " + watch.after(), List.of());
            return;
        }
        boolean torn = item.revision() == position && !lastKeys.isEmpty() && !lastKeys.contains(item.key());
        report(
                torn ? "WATCH-4" : "WATCH-3",
                "was told '" + item + "' after a signal at revision " + position,
                writersAt(item.revision()));
    }

    private void mistaken(Item item, @Nullable Version version, boolean certain) {
        boolean known = false;
        for (Version other : versions.between(item.key(), item.revision() - 1, item.revision())) {
            known |= same(item, other);
        }
        if (known && version != null) {
            found(certain, "WATCH-2", "was told '" + item + "', but by then it was " + version.by(), version.writers());
        } else if (item.entry() == null && (version == null || version.cell() == null)) {
            doubt(version);
            found(certain, "WATCH-8", "was told '" + item + "', but it was absent and nothing changed", List.of());
        } else {
            doubt(version);
            found(
                    certain,
                    "WATCH-9",
                    "was told '" + item + "', but " + (version == null ? "nobody wrote it" : "it was " + version.by()),
                    version == null ? List.of() : version.writers());
        }
    }

    private void missing(Map<Key, Item> told, Delta delta) {
        Map<Key, Version> changed = new HashMap<>();
        Set<Long> revisions = new HashSet<>();
        for (int i = firstAfter(position); i < below.size(); i++) {
            Version version = below.get(i);
            if (version.revision() > delta.revision()) {
                break;
            }
            changed.put(version.key(), version);
            revisions.add(version.revision());
        }
        Set<Long> toldRevisions = new HashSet<>();
        told.values().forEach(item -> toldRevisions.add(item.revision()));
        for (Version version : changed.values()) {
            if (!told.containsKey(version.key()) && differs(version)) {
                doubt(version);
                boolean torn = toldRevisions.contains(version.revision());
                findings.found(
                        isOwedForCertain(version.key(), delta.revision()),
                        torn ? "WATCH-4" : "WATCH-2",
                        watch + " moved from revision " + position + " to " + delta.revision()
                                + " without what became of '" + version.key() + "' at " + version.revision() + " by "
                                + version.by(),
                        watch,
                        version.writers());
            }
        }
        if (watch.start() != Start.HISTORY) {
            changed.values().stream()
                    .filter(version -> !told.containsKey(version.key()))
                    .forEach(version -> passed(
                            version,
                            delta.revision(),
                            "moved from revision " + position + " to " + delta.revision() + " and was not told"));
        }
        if (watch.start() == Start.HISTORY && (revisions.size() > 1 || toldRevisions.size() > 1)) {
            report("WATCH-16", "owes each revision by itself, but was told " + delta, List.of());
        }
    }

    /** Whether an observer who is told nothing of this version holds a wrong state. */
    private boolean differs(Version version) {
        Version before = versions.at(version.key(), position);
        return version.cell() != null || before != null && before.cell() != null;
    }

    /**
     * Accuses the watch if a key that was absent came and went: the observer holds the right state without having been told, but whoever has read the key
     * waits for it to go (WATCH-5).
     */
    private void passed(Version gone, long upTo, String how) {
        if (gone.cell() != null || differs(gone)) {
            return;
        }
        for (Version put : versions.between(gone.key(), position, gone.revision())) {
            if (put.cell() != null) {
                doubt(put);
                doubt(gone);
                findings.found(
                        isOwedForCertain(gone.key(), upTo),
                        watch.start() == Start.HISTORY ? "WATCH-16" : "WATCH-5",
                        watch + " " + how + " that '" + gone.key() + "', which came at " + put.revision() + " by "
                                + put.by() + ", went at " + gone.revision() + " by " + gone.by(),
                        watch,
                        Stream.concat(put.writers().stream(), gone.writers().stream())
                                .toList());
                return;
            }
        }
    }

    private void converged() {
        long from = begun ? position : -1;
        if (!begun) {
            report("WATCH-11", "was never given a snapshot", List.of());
            return;
        }
        for (int i = firstAfter(from); i < below.size() && below.get(i).revision() <= watch.owed(); i++) {
            Version version = below.get(i);
            Version last = versions.at(version.key(), watch.owed());
            if (version.equals(last)) {
                passed(version, watch.owed(), "stopped at revision " + position + " and was never told");
            }
            if (version.equals(last) && differs(version)) {
                doubt(version);
                findings.found(
                        isOwedForCertain(version.key(), watch.owed()),
                        "WATCH-11",
                        watch + " stopped at revision " + position + " and was never told what became of '"
                                + version.key() + "' at " + version.revision() + " by " + version.by(),
                        watch,
                        version.writers());
                return;
            }
        }
    }

    /** Whether a key was written since the last signal and until a revision, whatever was guessed: then it is owed as what it is, or as gone. */
    private boolean isOwedForCertain(Key key, long upTo) {
        return revisionWriters.wasPut(key, position, upTo) || replay.isCertain(key, upTo);
    }

    private void doubt(@Nullable Version version) {
        if (version != null && version.guessed()) {
            findings.guess("at which revision '" + version.key() + "' was changed is not known");
        }
    }

    private List<Operation> writersAt(long revision) {
        List<Operation> writers = new ArrayList<>();
        for (int i = firstAfter(revision - 1); i < below.size() && below.get(i).revision() == revision; i++) {
            writers.addAll(below.get(i).writers());
        }
        return writers;
    }

    private int firstAfter(long revision) {
        int low = 0;
        int high = below.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (below.get(middle).revision() <= revision) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private boolean same(Item item, Version version) {
        Cell cell = version.cell();
        Entry entry = item.entry();
        return cell == null || entry == null ? cell == null && entry == null : replay.isAsHeld(entry, cell);
    }

    private void certain(String rule, String message, List<Operation> operations) {
        findings.certain(rule, watch + " " + message, watch, operations);
    }

    private void found(boolean certain, String rule, String message, List<Operation> operations) {
        findings.found(certain, rule, watch + " " + message, watch, operations);
    }

    private void report(String rule, String message, List<Operation> operations) {
        findings.violation(rule, watch + " " + message, watch, operations);
    }
}
