package dev.rollcall.tck;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Diagnosis;
import dev.rollcall.kv.Diagnosis.Contact;
import dev.rollcall.kv.Diagnosis.Finding;
import dev.rollcall.kv.Diagnosis.Member;
import dev.rollcall.kv.Diagnosis.Severity;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.WatchStart;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a backend says about its store: something true, in time, and without touching it. */
public interface DiagnosisContract extends Contract {
    /** How long it may take, however long operations may. */
    Duration LONGEST_DIAGNOSIS = Duration.ofSeconds(5);

    /** What {@code future} has come to, by its deadline. */
    private static Diagnosis inTime(Kit kit, String when, CompletableFuture<Diagnosis> future, Duration deadline) {
        Duration limit = deadline.compareTo(LONGEST_DIAGNOSIS) < 0 ? deadline : LONGEST_DIAGNOSIS;
        Expect.that(
                "DIAG-1",
                kit.elapseUntil(limit.plusSeconds(1), future::isDone),
                () -> "diagnose() has not ended " + limit.plusSeconds(1).toMillis() + " ms after its call " + when
                        + "; check that the members are asked at the same time, each for no longer than about two seconds.");
        try {
            return kit.await(future);
        } catch (KvException e) {
            throw new RuleViolation(
                    "DIAG-1",
                    "diagnose() has failed " + when + " with '" + e.getMessage()
                            + "'; it must tell what it knows instead, or that it knows nothing.");
        }
    }

    private static Diagnosis inTime(Kit kit, String when, CompletableFuture<Diagnosis> future) {
        return inTime(kit, when, future, kit.fixture().deadline());
    }

    private static void saysThatNobodyAnswers(String when, Diagnosis diagnosis) {
        for (Member member : diagnosis.members()) {
            Expect.that(
                    "DIAG-2",
                    member.contact() != Contact.ANSWERED,
                    () -> "diagnose() says that the member " + member.name() + " has answered, but " + when + ".");
        }
    }

    /**
     * A diagnosis of a healthy store, which one of its members has answered. On a machine that stands still for seconds no member
     * answers in time, and a diagnosis rightly says so: then the next one counts, of a few.
     */
    private static Diagnosis answeredDiagnosis(Kit kit) {
        Diagnosis diagnosis = inTime(kit, "on a healthy store", kit.backend().diagnose());
        for (int i = 0; i < 4 && !isAnswered(diagnosis); i++) {
            diagnosis = inTime(kit, "on a healthy store", kit.backend().diagnose());
        }
        List<Member> members = diagnosis.members();
        Expect.that(
                "DIAG-2",
                isAnswered(diagnosis),
                () -> "diagnose() names the members " + members
                        + ", none of which has answered, but the store has answered an operation before.");
        return diagnosis;
    }

    private static boolean isAnswered(Diagnosis diagnosis) {
        return diagnosis.members().isEmpty()
                || diagnosis.members().stream().anyMatch(member -> member.contact() == Contact.ANSWERED);
    }

    /** If this fails by an ERROR: what the backend takes for a fault is none. */
    @Test
    @Rule({"DIAG-1", "DIAG-2"})
    default void healthyStoreIsSaidToAnswerAndToHaveNoFault(Kit kit) {
        kit.put(kit.key("k"), "1");
        Diagnosis diagnosis = answeredDiagnosis(kit);
        for (Finding finding : diagnosis.findings()) {
            Expect.that(
                    "DIAG-2",
                    finding.severity() != Severity.ERROR,
                    () -> "diagnose() finds a fault in a healthy store: " + finding.what());
        }
    }

    @Test
    @Rule({"DIAG-1", "DIAG-2"})
    @Needs(Hook.PAUSE)
    default void muteStoreIsDescribedInTimeAsSilent(Kit kit) {
        KvBackend patient = kit.open(Duration.ofSeconds(60));
        kit.put(kit.backend(), kit.key("k"), "1");
        kit.await(patient.get(kit.key("k")));
        kit.store().pause();
        CompletableFuture<Diagnosis> own = kit.backend().diagnose();
        CompletableFuture<Diagnosis> patients = patient.diagnose();
        saysThatNobodyAnswers("the store is mute", inTime(kit, "while the store is mute", own));
        saysThatNobodyAnswers(
                "the store is mute",
                inTime(
                        kit,
                        "while the store is mute, of a handle whose operations may take longer",
                        patients,
                        LONGEST_DIAGNOSIS));
        kit.store().resume();
        FaultSteps.awaitReachable(kit, kit.backend());
    }

    @Test
    @Rule({"DIAG-1", "DIAG-2"})
    @Needs(Hook.CUT)
    default void storeThatCannotBeReachedIsDescribedInTime(Kit kit) {
        KvBackend cut = kit.open();
        kit.await(cut.get(kit.key("k")));
        kit.store().cut(kit.handle(cut));
        saysThatNobodyAnswers("the handle is cut off", inTime(kit, "of a handle that is cut off", cut.diagnose()));
        kit.store().heal(kit.handle(cut));
        FaultSteps.awaitReachable(kit, cut);
        inTime(kit, "after a cut", cut.diagnose());
    }

    /** If this fails: what a user may do is not to be found out by doing it. */
    @Test
    @Rule("DIAG-3")
    default void diagnosisChangesNothing(Kit kit) {
        kit.put(kit.key("k"), "1");
        kit.await(kit.backend().put(kit.key("leased"), Bytes.EMPTY, kit.lease(kit.backend())));
        KvBackend other = kit.open();
        RecordingListener listener = kit.watch(other, Directory.ROOT, WatchStart.snapshot());
        kit.eventually("WATCH-1", "a watch from a snapshot delivers the snapshot", () -> listener.revision() >= 0);
        Cut before = kit.list(other, Directory.ROOT);
        for (int i = 0; i < 3; i++) {
            inTime(kit, "on a healthy store", kit.backend().diagnose());
        }
        Cut after = kit.list(other, Directory.ROOT);
        Expect.that(
                "DIAG-3",
                after.entries().equals(before.entries()),
                () -> "diagnose() has changed the store: " + after.difference(before));
        kit.fence(listener);
        Expect.that(
                "DIAG-3",
                listener.changes().size() == 1,
                () -> "diagnose() has made changes that a watch was told of: " + listener.changes());
    }
}
