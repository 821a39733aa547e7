package dev.rollcall.kv;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a backend could find out about its store, for people: see {@link KvBackend#diagnose}. What is not known is left out, so an empty
 * diagnosis says that nothing is known, not that all is well.
 *
 * <p>Every text is a single line without control characters, and shows no value and no secret.
 *
 * @param members the servers that the store consists of or that the handle may use, in no particular order; empty if that is not known
 * @param findings what an operator should know, the most severe first; empty if nothing was found
 */
public record Diagnosis(List<Member> members, List<Finding> findings) {
    private static final Diagnosis EMPTY = new Diagnosis(List.of(), List.of());

    public Diagnosis {
        members = List.copyOf(members);
        findings = findings.stream()
                .sorted((one, other) -> other.severity().compareTo(one.severity()))
                .toList();
    }

    /** Nothing is known. */
    public static Diagnosis empty() {
        return EMPTY;
    }

    /** What a member does in its cluster. */
    public enum Role {
        /** It leads, or is the only one. */
        LEADER,
        /** It votes and does not lead. */
        FOLLOWER,
        /** It votes; whether it leads is not known. */
        VOTER,
        /** It is sent everything and has no vote, as etcd's learners and ZooKeeper's observers. */
        LEARNER,
        /** Not known. */
        UNKNOWN
    }

    /** Whether a member has answered the question that this diagnosis asked it. */
    public enum Contact {
        /** It has answered. */
        ANSWERED,
        /** It was asked and has not answered in time, or could not be reached. */
        SILENT,
        /** It was not asked, for instance because the URL of the handle does not name it. */
        NOT_ASKED
    }

    /**
     * One server.
     *
     * @param name what the store calls it, or its address if that is not known
     * @param address where this handle, or the store, says that clients find it: {@code host:port}, or several with commas between
     * @param version the version of the server, or null if not known
     * @param note what else is known, such as why it does not answer, or null; a clause without a full stop
     */
    public record Member(
            String name,
            String address,
            @Nullable String version,
            Role role,
            Contact contact,
            @Nullable String note) {
        public Member {
            name = Printable.line(name);
            address = Printable.line(address);
            version = version == null ? null : Printable.line(version);
            requireNonNull(role, "role");
            requireNonNull(contact, "contact");
            note = note == null ? null : Printable.line(note);
        }
    }

    /** How much a finding matters. */
    public enum Severity {
        /** Worth knowing, and no cause for anything. */
        INFO,
        /** The store works, but not for everybody, or not for much longer. */
        WARNING,
        /** The store does not work for this handle, or has lost something. */
        ERROR
    }

    /**
     * Something that an operator should know.
     *
     * @param what the finding, in a sentence
     * @param wayOut what to do about it, in a sentence, or null if that is not known
     */
    public record Finding(
            Severity severity, String what, @Nullable String wayOut) {
        public Finding {
            requireNonNull(severity, "severity");
            what = Printable.line(what);
            wayOut = wayOut == null ? null : Printable.line(wayOut);
        }
    }
}
