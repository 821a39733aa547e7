package dev.rollcall.etcd;

import dev.rollcall.kv.Diagnosis;
import dev.rollcall.kv.Diagnosis.Contact;
import dev.rollcall.kv.Diagnosis.Finding;
import dev.rollcall.kv.Diagnosis.Role;
import dev.rollcall.kv.Diagnosis.Severity;
import io.etcd.jetcd.api.Member;
import io.etcd.jetcd.api.StatusResponse;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Combines the replies of members into a diagnosis. Not safe for use by several threads. */
final class StoreReport {
    /** How etcd prints an alarm among the errors of a status; its protocol buffers put one blank or two. */
    private static final Pattern ALARM = Pattern.compile("memberID:\\s*(\\d+)\\s+alarm:\\s*(\\w+)\\s*");

    private static final String NO_LEADER = "no leader";
    /** The quota of the database, which jetcd's generated messages do not know; told since etcd 3.6. */
    private static final int DB_SIZE_QUOTA = 12;

    private static final double NEAR = 0.8;
    private static final long MIB = 1 << 20;

    private final List<Asked> asked = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();
    private List<Member> members = List.of();

    /** Whom the URL names, and what came of asking. */
    static final class Asked {
        private final Endpoint endpoint;
        private final @Nullable InetSocketAddress address;
        /** What it has said, or null. */
        @Nullable
        StatusResponse status;
        /** Why it has not, in a clause, or null. */
        @Nullable
        String fault;
        /** Whether it has answered, if only to say that it tells nothing. */
        boolean refuses;

        private Asked(Endpoint endpoint, @Nullable InetSocketAddress address) {
            this.endpoint = endpoint;
            this.address = address;
        }

        boolean isLearner() {
            return status != null && status.getIsLearner();
        }

        boolean knowsLeader() {
            return status != null && status.getLeader() != 0;
        }

        private boolean hasAnswered() {
            return status != null || refuses;
        }

        /** Whether this is another loopback address of a machine that has answered at one: servers listen at one of them as a rule. */
        private boolean isSpareLoopback(List<Asked> all) {
            return !hasAnswered()
                    && address != null
                    && address.getAddress().isLoopbackAddress()
                    && all.stream().anyMatch(one -> one.endpoint.equals(endpoint) && one.hasAnswered());
        }

        private boolean is(long id) {
            return status != null && status.getHeader().getMemberId() == id;
        }

        private String fault() {
            return fault == null ? where() + " has not answered in time" : fault;
        }

        private String where() {
            return address == null || endpoint.isLiteral()
                    ? endpoint.toString()
                    : endpoint + " (" + address.getAddress().getHostAddress() + ")";
        }
    }

    /** A member is about to be asked. */
    Asked ask(Endpoint endpoint, @Nullable InetSocketAddress address) {
        Asked one = new Asked(endpoint, address);
        asked.add(one);
        return one;
    }

    /** In the place of this one, its addresses are asked. */
    void replace(Asked name) {
        asked.remove(name);
    }

    /** The members, as one of them knows them; none if it does not say. */
    void members(List<Member> known) {
        members = known;
    }

    /** Something worth telling, once. */
    void found(Severity severity, String what, @Nullable String wayOut) {
        Finding finding = new Finding(severity, what, wayOut);
        if (!findings.contains(finding)) {
            findings.add(finding);
        }
    }

    /** What is known. To be called once. */
    Diagnosis diagnosis() {
        asked.removeAll(asked.stream().filter(one -> one.isSpareLoopback(asked)).toList());
        List<Asked> answering = asked.stream().filter(Asked::hasAnswered).toList();
        List<StatusResponse> told = new ArrayList<>();
        for (Asked one : answering) {
            StatusResponse status = one.status;
            if (status != null && told.stream().noneMatch(other -> id(other) == id(status))) {
                told.add(status);
            }
        }
        List<Diagnosis.Member> rows = rows(leader(told));
        silence(answering);
        leaders(told);
        alarms(told);
        told.forEach(this::quota);
        versions(told);
        return new Diagnosis(rows, findings);
    }

    private static long id(StatusResponse status) {
        return status.getHeader().getMemberId();
    }

    /** Whom those who have heard last take for the leader; 0 if nobody knows of any. */
    private static long leader(List<StatusResponse> told) {
        return told.stream()
                .filter(status -> status.getLeader() != 0)
                .max(Comparator.comparingLong(StatusResponse::getRaftTerm))
                .map(StatusResponse::getLeader)
                .orElse(0L);
    }

    private List<Diagnosis.Member> rows(long leader) {
        List<Diagnosis.Member> rows = new ArrayList<>();
        Set<Asked> rest = new LinkedHashSet<>(asked);
        for (Member member : members) {
            List<Asked> ways = asked.stream()
                    .filter(one -> one.is(member.getID()) || (one.status == null && leadsTo(one, member)))
                    .toList();
            ways.forEach(rest::remove);
            rows.add(row(member, ways, leader));
        }
        for (Asked one : rest) {
            StatusResponse status = one.status;
            if (status != null) {
                List<Asked> ways =
                        rest.stream().filter(other -> other.is(id(status))).toList();
                if (ways.get(0) == one) {
                    rows.add(new Diagnosis.Member(
                            where(ways),
                            where(ways),
                            status.getVersion(),
                            role(id(status), status.getIsLearner(), leader),
                            Contact.ANSWERED,
                            null));
                }
            } else {
                rows.add(new Diagnosis.Member(
                        one.where(),
                        one.where(),
                        null,
                        Role.UNKNOWN,
                        one.refuses ? Contact.ANSWERED : Contact.SILENT,
                        one.fault()));
            }
        }
        return rows;
    }

    private static Diagnosis.Member row(Member member, List<Asked> ways, long leader) {
        List<Asked> answering = ways.stream().filter(Asked::hasAnswered).toList();
        // Who has answered may have said no more than that it tells this user nothing.
        StatusResponse status = answering.stream()
                .map(one -> one.status)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        Contact contact = !answering.isEmpty() ? Contact.ANSWERED : ways.isEmpty() ? Contact.NOT_ASKED : Contact.SILENT;
        String note = switch (contact) {
            case ANSWERED -> answering.get(0).fault;
            case SILENT -> ways.get(0).fault();
            case NOT_ASKED ->
                member.getName().isEmpty()
                        ? "it was added and has not joined yet"
                        : "the URL of this handle does not name it";
        };
        return new Diagnosis.Member(
                member.getName().isEmpty() ? Long.toHexString(member.getID()) : member.getName(),
                ways.isEmpty()
                        ? member.getClientURLsList().stream()
                                .map(StoreReport::hostAndPort)
                                .collect(Collectors.joining(","))
                        : where(ways),
                status == null ? null : status.getVersion(),
                role(member.getID(), member.getIsLearner(), leader),
                contact,
                note);
    }

    private static Role role(long id, boolean learner, long leader) {
        return learner ? Role.LEARNER : leader == 0 ? Role.VOTER : leader == id ? Role.LEADER : Role.FOLLOWER;
    }

    private static String where(List<Asked> ways) {
        return ways.stream().map(Asked::where).collect(Collectors.joining(","));
    }

    /** Whether a member says that clients find it where this one was asked. */
    private static boolean leadsTo(Asked one, Member member) {
        String byAddress =
                one.address == null ? null : one.address.getAddress().getHostAddress() + ":" + one.endpoint.port();
        return member.getClientURLsList().stream()
                .map(StoreReport::hostAndPort)
                .anyMatch(told -> told.equals(one.endpoint.toString()) || told.equals(byAddress));
    }

    private static String hostAndPort(String url) {
        try {
            URI uri = URI.create(url);
            return uri.getAuthority() == null ? url : uri.getAuthority();
        } catch (IllegalArgumentException e) {
            return url;
        }
    }

    private void silence(List<Asked> answering) {
        for (Asked one : asked) {
            if (!one.hasAnswered() && !answering.isEmpty()) {
                found(Severity.WARNING, "A member does not answer: " + one.fault() + ".", null);
            }
        }
        if (answering.isEmpty()) {
            String first = asked.stream().map(Asked::fault).findFirst().orElse("the URL names none");
            found(
                    Severity.ERROR,
                    "No member of the store answers: " + first + ".",
                    "Check that the servers run, and that the URL names them as they can be reached from here.");
        }
    }

    private void leaders(List<StatusResponse> told) {
        List<StatusResponse> without =
                told.stream().filter(status -> status.getLeader() == 0).toList();
        if (!told.isEmpty() && without.size() == told.size()) {
            found(
                    Severity.ERROR,
                    "No member that answers knows a leader, so that nothing can be read or written.",
                    "A majority of the members has to run and to reach each other.");
        } else {
            without.forEach(status -> found(
                    Severity.WARNING,
                    "The member " + name(id(status)) + " knows no leader and serves nobody.",
                    "It has to reach the other members at their peer addresses."));
        }
    }

    /** Alarms are the cluster's, so each member tells all of them. */
    private void alarms(List<StatusResponse> told) {
        Set<String> others = new TreeSet<>();
        Set<String> alarms = new TreeSet<>();
        for (StatusResponse status : told) {
            for (String error : status.getErrorsList()) {
                Matcher alarm = ALARM.matcher(error);
                if (!alarm.matches()) {
                    if (!error.contains(NO_LEADER)) {
                        others.add("The member " + name(id(status)) + " says: " + error + ".");
                    }
                } else if (alarms.add(alarm.group(1) + alarm.group(2))) {
                    alarm(name(Long.parseUnsignedLong(alarm.group(1))), alarm.group(2));
                }
            }
        }
        others.forEach(other -> found(Severity.WARNING, other, null));
    }

    private void alarm(String member, String kind) {
        switch (kind) {
            case "NOSPACE" ->
                found(
                        Severity.ERROR,
                        "The member " + member
                                + " has raised the alarm NOSPACE: its database has reached its quota, and the store takes no writes but"
                                + " deletes.",
                        "Delete what is not needed, compact, defragment each member, and withdraw the alarm with"
                                + " 'etcdctl alarm disarm'.");
            case "CORRUPT" ->
                found(
                        Severity.ERROR,
                        "The member " + member + " has raised the alarm CORRUPT: members differ in what they hold.",
                        "Find out which members agree, and replace the others by new ones, one at a time.");
            default -> found(Severity.ERROR, "The member " + member + " has raised the alarm " + kind + ".", null);
        }
    }

    private void quota(StatusResponse status) {
        long quota = status.getUnknownFields().getField(DB_SIZE_QUOTA).getVarintList().stream()
                .reduce(0L, (first, last) -> last);
        long size = status.getDbSize();
        if (quota <= 0 || size < NEAR * quota) {
            return;
        }
        long used = status.getDbSizeInUse();
        boolean loose = used > 0 && used < NEAR * quota;
        found(
                Severity.WARNING,
                "The database of the member " + name(id(status)) + " has " + size / MIB + " MiB of the " + quota / MIB
                        + " MiB that its quota allows, of which " + used / MIB + " MiB are in use.",
                loose
                        ? "Compact and defragment it, which gives back what is not in use."
                        : "Delete what is not needed, or raise --quota-backend-bytes.");
    }

    private void versions(List<StatusResponse> told) {
        Set<String> versions =
                told.stream().map(StatusResponse::getVersion).collect(Collectors.toCollection(TreeSet::new));
        if (versions.size() > 1) {
            found(
                    Severity.INFO,
                    "The members run different versions: " + String.join(", ", versions) + ".",
                    "End the upgrade: a cluster has the features of its oldest member.");
        }
    }

    private String name(long id) {
        return members.stream()
                .filter(member -> member.getID() == id && !member.getName().isEmpty())
                .map(Member::getName)
                .findFirst()
                .orElseGet(() -> asked.stream()
                        .filter(one -> one.is(id))
                        .map(Asked::where)
                        .findFirst()
                        .orElse(Long.toHexString(id)));
    }
}
