package dev.rollcall.zookeeper;

import dev.rollcall.kv.Diagnosis;
import dev.rollcall.kv.Diagnosis.Contact;
import dev.rollcall.kv.Diagnosis.Finding;
import dev.rollcall.kv.Diagnosis.Member;
import dev.rollcall.kv.Diagnosis.Role;
import dev.rollcall.kv.Diagnosis.Severity;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Combines the replies of members and the ensemble's configuration into a diagnosis. */
final class EnsembleReport {
    /** A line of {@code /zookeeper/config}, such as {@code server.1=host:2888:3888:participant;0.0.0.0:2181}. */
    private static final Pattern SERVER = Pattern.compile("server\\.(\\d+)=([^;\\s]+?)(?:;(\\S+))?");

    private static final Pattern WILDCARD = Pattern.compile("0\\.0\\.0\\.0|\\[?::\\]?|\\*");

    private EnsembleReport() {}

    /**
     * A member that the URL names, and what came of asking it.
     *
     * @param name as in the URL
     * @param address that was asked, or null if the name has none
     */
    record Asked(InetSocketAddress name, @Nullable InetSocketAddress address, MemberProbe.Finding finding) {
        static Asked silent(InetSocketAddress name, String fault) {
            return new Asked(name, null, MemberProbe.Finding.faulty(fault));
        }

        private String where() {
            String host = hostAndPort(name.getHostString(), name.getPort());
            return address == null || address.getAddress().getHostAddress().equals(name.getHostString())
                    ? host
                    : host + " (" + address.getAddress().getHostAddress() + ")";
        }

        /** Whether this is another loopback address of a machine that has answered at one: servers listen at one of them as a rule. */
        private boolean isSpareLoopback(List<Asked> all) {
            return !finding.answered()
                    && address != null
                    && address.getAddress().isLoopbackAddress()
                    && all.stream().anyMatch(one -> one.name.equals(name) && one.finding.answered());
        }

        private boolean isAt(String client) {
            return client.equals(hostAndPort(name.getHostString(), name.getPort()))
                    || (address != null
                            && client.equals(hostAndPort(address.getAddress().getHostAddress(), address.getPort())));
        }
    }

    /** A server of the ensemble's configuration. */
    private record Server(String name, String client, boolean observer) {}

    private static String hostAndPort(String host, int port) {
        return host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]:" + port : host + ":" + port;
    }

    /**
     * What is known.
     *
     * @param configuration the text of {@code /zookeeper/config}, or null if it could not be read
     */
    static Diagnosis of(List<Asked> all, @Nullable String configuration, List<Finding> permissions) {
        List<Asked> asked =
                all.stream().filter(one -> !one.isSpareLoopback(all)).toList();
        List<Finding> findings = new ArrayList<>(permissions);
        List<Server> servers = configuration == null ? List.of() : servers(configuration);
        List<Member> members = new ArrayList<>();
        for (Asked one : asked) {
            Server server = servers.stream()
                    .filter(known -> one.isAt(known.client()))
                    .findFirst()
                    .orElse(null);
            members.add(member(one, server));
            MemberProbe.Finding finding = one.finding();
            if (finding.fault() != null) {
                findings.add(new Finding(
                        Severity.WARNING,
                        "The member " + one.where() + (finding.answered() ? " serves nobody: " : " does not answer: ")
                                + finding.fault() + ".",
                        null));
            }
        }
        others(asked, servers, members, findings);
        outage(asked, findings);
        versions(asked, findings);
        return new Diagnosis(members, findings);
    }

    private static Member member(Asked asked, @Nullable Server server) {
        MemberProbe.Finding finding = asked.finding();
        return new Member(
                server == null ? asked.where() : server.name(),
                asked.where(),
                finding.version(),
                role(finding.mode(), server),
                finding.answered() ? Contact.ANSWERED : Contact.SILENT,
                finding.fault());
    }

    private static Role role(@Nullable String mode, @Nullable Server server) {
        if (mode != null) {
            switch (mode) {
                case "leader", "standalone":
                    return Role.LEADER;
                case "follower":
                    return Role.FOLLOWER;
                case "observer":
                    return Role.LEARNER;
                default:
                    break;
            }
        }
        return server == null ? Role.UNKNOWN : server.observer() ? Role.LEARNER : Role.VOTER;
    }

    /** Servers that the URL does not name; where it names some in another way, nobody can tell which are which. */
    private static void others(List<Asked> asked, List<Server> servers, List<Member> members, List<Finding> findings) {
        List<Server> rest = servers.stream()
                .filter(server -> asked.stream().noneMatch(one -> one.isAt(server.client())))
                .toList();
        if (rest.size() + asked.size() <= servers.size()) {
            rest.forEach(server -> members.add(new Member(
                    server.name(),
                    server.client(),
                    null,
                    role(null, server),
                    Contact.NOT_ASKED,
                    "the URL of this handle does not name it")));
        } else if (!rest.isEmpty()) {
            findings.add(new Finding(
                    Severity.INFO,
                    "The ensemble's configuration names " + servers.size() + " servers: "
                            + servers.stream()
                                    .map(server -> server.name() + " at " + server.client())
                                    .collect(Collectors.joining(", "))
                            + ". The URL names some of them by other addresses.",
                    null));
        }
    }

    private static void outage(List<Asked> asked, List<Finding> findings) {
        if (asked.stream().noneMatch(one -> one.finding().answered())) {
            findings.add(new Finding(
                    Severity.ERROR,
                    "No member of the ensemble answers.",
                    "Check that the servers run, and that the URL names them as they can be reached from here."));
        } else if (asked.stream().allMatch(one -> one.finding().fault() != null)) {
            findings.add(new Finding(
                    Severity.ERROR,
                    "No member of the ensemble that answers serves anybody.",
                    "A majority of the members has to run and to reach each other."));
        }
    }

    private static void versions(List<Asked> asked, List<Finding> findings) {
        Set<String> versions = asked.stream()
                .map(one -> one.finding().version())
                .filter(version -> version != null)
                .collect(Collectors.toCollection(TreeSet::new));
        if (versions.size() > 1) {
            findings.add(new Finding(
                    Severity.INFO,
                    "The members run different versions: " + String.join(", ", versions) + ".",
                    "End the upgrade: an ensemble is to run one version."));
        }
    }

    private static List<Server> servers(String configuration) {
        List<Server> servers = new ArrayList<>();
        for (String line : configuration.lines().map(String::strip).toList()) {
            Matcher server = SERVER.matcher(line);
            if (server.matches()) {
                String peer = server.group(2);
                servers.add(new Server(
                        "server." + server.group(1), client(peer, server.group(3)), peer.endsWith(":observer")));
            }
        }
        return servers;
    }

    /** Where clients find a server; its address for them may be any of the machine's. */
    private static String client(String peer, @Nullable String client) {
        String host = peer.startsWith("[") ? peer.substring(0, peer.indexOf(']') + 1) : peer.split(":", 2)[0];
        if (client == null) {
            return host;
        }
        int colon = client.lastIndexOf(':');
        String told = colon < 0 ? "" : client.substring(0, colon);
        return told.isEmpty() || WILDCARD.matcher(told).matches() ? host + ":" + client.substring(colon + 1) : client;
    }
}
