package dev.rollcall.inmemory.mutants;

import static dev.rollcall.inmemory.mutants.Mutant.mutant;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Diagnosis;
import dev.rollcall.kv.Diagnosis.Contact;
import dev.rollcall.kv.Diagnosis.Finding;
import dev.rollcall.kv.Diagnosis.Member;
import dev.rollcall.kv.Diagnosis.Role;
import dev.rollcall.kv.Diagnosis.Severity;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Backends that say too much about their store, or too late. */
final class DiagnosisMutants {
    private static final String HEALTHY = "healthyStoreIsSaidToAnswerAndToHaveNoFault";
    private static final String MUTE = "muteStoreIsDescribedInTimeAsSilent";
    private static final String CUT = "storeThatCannotBeReachedIsDescribedInTime";

    private DiagnosisMutants() {}

    static List<Mutant> all() {
        return List.of(
                mutant("DIAG-1", "diagnosis waits for a read", WaitsForARead::new)
                        .seenBy(MUTE, CUT),
                mutant("DIAG-2", "members of the URL are said to answer", AllAnswer::new)
                        .seenBy(MUTE, CUT),
                mutant("DIAG-2", "members are never said to answer", NobodyAnswers::new)
                        .seenBy(HEALTHY),
                mutant("DIAG-2", "what is not known is a fault", UnknownIsAFault::new)
                        .seenBy(HEALTHY),
                mutant("DIAG-3", "permission is tried out by a write", WritesToSee::new));
    }

    private static Diagnosis member(Contact contact) {
        return new Diagnosis(List.of(new Member("m0", "localhost:1", null, Role.UNKNOWN, contact, null)), List.of());
    }

    /** What is to be described is asked first, and the question fails with it. */
    private static final class WaitsForARead extends Forwarding {
        WaitsForARead(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Diagnosis> diagnose() {
            return Futures.map(get(Key.of("/probe")), result -> Diagnosis.empty());
        }
    }

    /** A list of what the URL names. */
    private static final class AllAnswer extends Forwarding {
        AllAnswer(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Diagnosis> diagnose() {
            return isClosed() ? super.diagnose() : CompletableFuture.completedFuture(member(Contact.ANSWERED));
        }
    }

    /** Asks by a way that is not the handle's, where nobody is. */
    private static final class NobodyAnswers extends Forwarding {
        NobodyAnswers(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Diagnosis> diagnose() {
            return isClosed() ? super.diagnose() : CompletableFuture.completedFuture(member(Contact.SILENT));
        }
    }

    /** A quota that the store does not tell is taken for one that is reached. */
    private static final class UnknownIsAFault extends Forwarding {
        UnknownIsAFault(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Diagnosis> diagnose() {
            return isClosed()
                    ? super.diagnose()
                    : CompletableFuture.completedFuture(new Diagnosis(
                            List.of(), List.of(new Finding(Severity.ERROR, "The database is full.", null))));
        }
    }

    /** Writes a key and deletes it. */
    private static final class WritesToSee extends Forwarding {
        WritesToSee(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Diagnosis> diagnose() {
            if (!isClosed() && isReachable()) {
                Key probe = Key.of("/.probe");
                handle.put(probe, Bytes.EMPTY).thenCompose(put -> handle.delete(probe));
            }
            return super.diagnose();
        }
    }
}
