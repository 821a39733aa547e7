package dev.rollcall.tck;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.tck.history.History;
import dev.rollcall.tck.history.HistoryRecorder;
import dev.rollcall.tck.history.Judge;
import dev.rollcall.tck.history.LinearizabilityJudge;
import dev.rollcall.tck.history.ReplayJudge;
import dev.rollcall.tck.history.Verdict;
import dev.rollcall.tck.history.Violation;
import dev.rollcall.tck.history.Workload;
import dev.rollcall.tck.history.WorkloadOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** A workload on several handles, undisturbed or not, and the judgement on its history. */
final class JudgedWorkload {
    private static final int HANDLES = 3;
    private static final int CLIENTS = 5;
    private static final int KEYS = 4;
    private static final int OPERATIONS = 80;
    /** Many on one handle, so that what they ask at the same time can share requests; on more keys, or the search would take too long. */
    private static final int CROWD = 12;

    private static final int CROWD_KEYS = 9;
    private static final int CROWD_OPERATIONS = 40;
    private static final int ROUNDS = 4;
    /** Watches that are late are found guilty, so even an impatient run gives them time. */
    private static final Duration LEAST = Duration.ofSeconds(2);

    private static final Duration JUDGING = Duration.ofSeconds(5);

    private final Kit kit;
    private final Workload workload;
    private final Set<Hook> hooks = EnumSet.noneOf(Hook.class);
    private boolean crowded;
    private boolean leased;
    private boolean leasesHeld = true;
    private String lastDoubt = "";

    private JudgedWorkload(Kit kit, Workload workload) {
        this.kit = kit;
        this.workload = workload;
    }

    static JudgedWorkload of(Kit kit, Workload workload) {
        return new JudgedWorkload(kit, workload);
    }

    JudgedWorkload disturbedBy(Hook hook) {
        hooks.add(hook);
        return this;
    }

    /** With all clients on one handle, and more of them. */
    JudgedWorkload onOneHandle() {
        crowded = true;
        return this;
    }

    /** With half of all transactions putting with a lease. */
    JudgedWorkload withLeases() {
        leased = true;
        return this;
    }

    /**
     * Several short histories rather than a long one: the search for an order takes much more time for each operation more. A history with
     * many operations in doubt may have more explanations than a judge can try. That proves nothing, and another history is made.
     */
    void run() {
        List<KvBackend> handles = new ArrayList<>();
        for (int i = 0; i < (crowded ? 1 : HANDLES); i++) {
            handles.add(kit.open());
        }
        int wanted = kit.sized(ROUNDS);
        int decided = 0;
        for (int round = 0; decided < wanted; round++) {
            History history = record(handles, round);
            if (!leasesHeld) {
                lastDoubt = "A lease was lost while a history was made.";
            } else if (judge(history)) {
                decided++;
            }
            if (decided < wanted && round > 3 * wanted + 3) {
                throw new AssertionError("Of " + (round + 1) + " histories only " + decided
                        + " could be judged; too many operations are in doubt. " + lastDoubt);
            }
        }
    }

    private History record(List<KvBackend> handles, int round) {
        HistoryRecorder recorder = new HistoryRecorder();
        Duration settling = kit.patience().compareTo(LEAST) < 0 ? LEAST : kit.patience();
        // Small runs are for backends that are known to be quick; the number of operations is what is left to save.
        int most = crowded ? CROWD_OPERATIONS : OPERATIONS;
        int operations = kit.settings().size() < 1 ? most / 2 : most;
        WorkloadOptions options = WorkloadOptions.of(kit.settings().seed() + round)
                .sized(crowded ? CROWD_KEYS : KEYS, crowded ? CROWD : CLIENTS, operations)
                .lasting(settling, settling);
        LeasedWrites writes = leased ? new LeasedWrites(kit, handles) : null;
        try (Disturbance disturbance = new Disturbance(kit, recorder, hooks, handles)) {
            List<KvBackend> used = disturbance.handles();
            if (writes != null) {
                writes.knownAs(used);
                recorder.changing(writes::change);
            }
            History history = workload.run(recorder, used, kit.dir().directory("r" + round), options);
            leasesHeld = writes == null || writes.allHeld();
            if (writes != null) {
                writes.revoke();
            }
            return history;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The test was interrupted; its time was up.", e);
        }
    }

    /** Whether the history was found to be right; throws if it was found to be wrong. */
    private boolean judge(History history) {
        // The replay names the rule more closely, so it is asked first; it also judges what the search leaves out.
        boolean replayed = judge(history, new ReplayJudge(), "replay");
        // The search may not find in time the order which the replay has found already.
        judge(history, LinearizabilityJudge.perKey(JUDGING), "order");
        Workload.unsettled(history).ifPresent(what -> {
            throw new RuleViolation("LIFE-8", "With every connection healed, " + what + ".");
        });
        return replayed;
    }

    private boolean judge(History history, Judge judge, String name) {
        Verdict verdict = judge.judge(history);
        if (verdict.kind() == Verdict.Kind.UNDECIDED) {
            lastDoubt = verdict.toString();
        }
        if (verdict.kind() != Verdict.Kind.VIOLATION) {
            return verdict.isOk();
        }
        Violation first = verdict.violations().get(0);
        int more = verdict.violations().size() - 1;
        throw new RuleViolation(
                first.rule(),
                first.message() + "." + (more == 0 ? "" : " There are " + more + " more.")
                        + new HistoryFiles(kit, workload, name).write(history, verdict, judge));
    }
}
