package dev.rollcall.cli.keys;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Condition;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What an import will do to each entry of its file. Confined to one thread. */
final class ImportPlan {
    /** What is done where there is something already. */
    enum Mode {
        /** It is replaced. */
        REPLACE,
        /** It stays. */
        IF_ABSENT,
        /** It is replaced if it is what was exported. */
        IF_UNCHANGED
    }

    /** What becomes of an entry of the file. */
    enum Action {
        /** Written, and was not there. */
        CREATED,
        /** Written over another value. */
        REPLACED,
        /** Not written, as the store has the same value. */
        SAME,
        /** Not written, as the store has another value, and was not to be changed. */
        KEPT,
        /** Not written, as others changed it: since the export, or since the plan was made. */
        CHANGED,
        /** Not written, as it was leased. */
        LEASED
    }

    /** One entry of the file. */
    record Step(
            Key key, Bytes value, Action action, @Nullable Condition condition) {
        boolean isWrite() {
            return condition != null;
        }

        Step changed() {
            return new Step(key, value, Action.CHANGED, null);
        }
    }

    private final List<Step> steps;

    private ImportPlan(List<Step> steps) {
        this.steps = steps;
    }

    static ImportPlan of(ExportFile export, Directory target, Snapshot present, Mode mode, boolean leased) {
        List<Step> steps = new ArrayList<>();
        for (ExportFile.Entry entry : export.entries()) {
            Key key = target.key(export.directory().relativize(entry.key()));
            Optional<KeyValue> found = present.get(key);
            steps.add(
                    entry.leased() && !leased
                            ? new Step(key, entry.value(), Action.LEASED, null)
                            : step(key, entry, found.orElse(null), mode));
        }
        return new ImportPlan(steps);
    }

    private static Step step(Key key, ExportFile.Entry entry, @Nullable KeyValue found, Mode mode) {
        if (found == null) {
            return mode == Mode.IF_UNCHANGED
                    ? new Step(key, entry.value(), Action.CHANGED, null)
                    : new Step(key, entry.value(), Action.CREATED, new Condition.Absent(key));
        }
        if (mode == Mode.IF_UNCHANGED && found.revision() != entry.revision()) {
            return new Step(key, entry.value(), Action.CHANGED, null);
        }
        if (found.value().equals(entry.value())) {
            return new Step(key, entry.value(), Action.SAME, null);
        }
        return mode == Mode.IF_ABSENT
                ? new Step(key, entry.value(), Action.KEPT, null)
                : new Step(key, entry.value(), Action.REPLACED, new Condition.RevisionIs(key, found.revision()));
    }

    List<Step> steps() {
        return steps;
    }

    /** Somebody was quicker. */
    void changed(int index) {
        steps.set(index, steps.get(index).changed());
    }

    long count(Action action) {
        return steps.stream().filter(step -> step.action() == action).count();
    }
}
