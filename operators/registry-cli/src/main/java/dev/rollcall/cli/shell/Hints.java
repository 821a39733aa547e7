package dev.rollcall.cli.shell;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;

/** What to try instead of a word that the command does not know: one that is written nearly so, or what other tools' words are called here. */
public final class Hints {
    /** Verbs of etcdctl, zkCli, consul and kubectl. */
    private static final Map<String, String> VERBS = Map.ofEntries(
            Map.entry("del", "delete"),
            Map.entry("rm", "delete"),
            Map.entry("rmr", "delete --recursive"),
            Map.entry("deleteall", "delete --recursive"),
            Map.entry("set", "update"),
            Map.entry("stat", "get -o json"),
            Map.entry("cat", "get --raw"),
            Map.entry("dump", "list"),
            Map.entry("find", "list --keys"),
            Map.entry("keys", "list --keys"),
            Map.entry("kv", "get, put or list"),
            Map.entry("lease", "put --hold"),
            Map.entry("endpoint", "status"),
            Map.entry("alarm", "status"),
            Map.entry("srvr", "status"),
            Map.entry("operator", "status"),
            Map.entry("member", "status"),
            Map.entry("health", "status"),
            Map.entry("info", "status"),
            Map.entry("snapshot", "export"),
            Map.entry("backup", "export"),
            Map.entry("restore", "import"),
            Map.entry("make-mirror", "export and rollcall import"),
            Map.entry("addwatch", "watch"),
            Map.entry("getephemerals", "list"),
            Map.entry("maint", "nodes pause"),
            Map.entry("exec", "watch --exec"),
            Map.entry("config", "context"),
            Map.entry("contexts", "context list"),
            Map.entry("services", "nodes"),
            Map.entry("catalog", "nodes"),
            Map.entry("getallchildrennumber", "count"),
            Map.entry("version", "--version"));

    /** Verbs that administer one kind of server, which is that server's own matter. */
    private static final Set<String> ADMINISTRATION = Set.of(
            "compact",
            "compaction",
            "defrag",
            "auth",
            "user",
            "role",
            "acl",
            "getacl",
            "setacl",
            "addauth",
            "setquota",
            "delquota",
            "listquota",
            "reconfig",
            "move-leader",
            "downgrade");

    private static final String LOGIN =
            "the user stands in the URL, as in etcd://USER@HOST, and the password in --password-file or ROLLCALL_PASSWORD";

    private static final String TLS = "TLS is up to the URL, such as etcds://HOST/PREFIX?ca=FILE&cert=FILE&key=FILE";
    private static final String TXN = "txn reads a transaction as JSON from a file or from standard input";

    /** Options of etcdctl and its kin. */
    private static final Map<String, String> OPTIONS = Map.ofEntries(
            Map.entry(
                    "--prefix",
                    "what is below a key is shown by list, followed by watch and deleted by delete --recursive"),
            Map.entry("--from-key", "what is below a key is shown by list"),
            Map.entry("--keys-only", "list --keys shows no values"),
            Map.entry("--count-only", "count counts"),
            Map.entry("--print-value-only", "get --raw prints nothing else"),
            Map.entry("--endpoints", "the store's URL is given with --backend"),
            Map.entry("--user", LOGIN),
            Map.entry("--password", LOGIN),
            Map.entry("--cacert", TLS),
            Map.entry("--cert", TLS),
            Map.entry("--key", TLS),
            Map.entry("--command-timeout", "it is --timeout"),
            Map.entry("--dial-timeout", "it is --timeout"),
            Map.entry("--interactive", TXN),
            Map.entry("-i", TXN),
            Map.entry("--consistency", "each read is linearizable"),
            Map.entry("--limit", "list shows all that is below a key, in the order of the keys"),
            Map.entry("--order", "list shows all that is below a key, in the order of the keys"),
            Map.entry("--sort-by", "list shows all that is below a key, in the order of the keys"),
            Map.entry("--server", "the store's URL is given with --backend"),
            Map.entry("--http-addr", "the store's URL is given with --backend"),
            Map.entry("--context", "rollcall context use NAME chooses one"),
            Map.entry("--write-out", "-o json is for programs"),
            Map.entry("-w", "-o json is for programs"),
            Map.entry("--lease", "put --hold keeps an entry for as long as it runs"),
            Map.entry("-e", "create --hold keeps an entry for as long as it runs"),
            Map.entry("-s", "revision and size are shown as they are"),
            Map.entry("-v", "update --if-revision writes only what nobody wrote since"),
            Map.entry("--rev", "the stores do not all keep old values; watch --after starts where it left off"),
            Map.entry("--prev-kv", "get shows what is there before it is changed, and watch what was changed"),
            Map.entry("-r", "list shows all that is below, delete --recursive deletes it"),
            Map.entry("-R", "list shows all that is below, delete --recursive deletes it"));

    private Hints() {}

    /** What to say about an unknown verb of {@code command}, as a sentence, or empty. */
    public static Optional<String> forVerb(CommandSpec command, String verb) {
        String lower = verb.toLowerCase(Locale.ROOT);
        if (command.parent() == null && ADMINISTRATION.contains(lower)) {
            return Optional.of("That is administration of one kind of server, for the server's own tool.");
        }
        String foreign = command.parent() == null ? VERBS.get(lower) : null;
        return Optional.ofNullable(foreign)
                .or(() -> nearest(verb, command.subcommands().keySet()))
                .map(known -> "Did you mean '" + command.qualifiedName() + " " + known + "'?");
    }

    /** What to say about an unknown option of {@code command}, as a sentence, or empty. */
    public static Optional<String> forOption(CommandSpec command, String given) {
        String option = given.split("=", 2)[0];
        return foreign(command, option)
                .or(() -> nearest(option, command.optionsMap().keySet()).map(known -> "Did you mean '" + known + "'?"));
    }

    /** {@link #forOption} for the first of {@code args} that is an option of other tools only: what else is wrong with them may come of it. */
    public static Optional<String> forOptionAmong(CommandSpec command, String[] args) {
        return Arrays.stream(args)
                .takeWhile(arg -> !arg.equals("--"))
                .filter(arg -> arg.startsWith("-"))
                .flatMap(arg -> foreign(command, arg.split("=", 2)[0]).stream())
                .findFirst();
    }

    private static Optional<String> foreign(CommandSpec command, String option) {
        return command.optionsMap().containsKey(option)
                ? Optional.empty()
                : Optional.ofNullable(OPTIONS.get(option)).map(hint -> "Here " + hint + ".");
    }

    /** The name that is written most like {@code word}, if one is. */
    private static Optional<String> nearest(String word, Collection<String> names) {
        String lower = word.toLowerCase(Locale.ROOT);
        // A single letter is near to every other.
        List<String> words = names.stream().filter(name -> name.length() > 2).toList();
        return words.stream()
                .filter(name -> distance(lower, name) <= Math.max(1, Math.min(name.length(), lower.length()) / 3))
                .min(Comparator.comparingInt((String name) -> distance(lower, name))
                        .thenComparing(name -> name));
    }

    /** How many letters have to be put in, taken out, replaced or swapped with their neighbour. */
    static int distance(String from, String to) {
        int[][] cost = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                    continue;
                }
                int replaced = cost[i - 1][j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                cost[i][j] = Math.min(replaced, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
                boolean swapped = i > 1
                        && j > 1
                        && from.charAt(i - 1) == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1);
                if (swapped) {
                    cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
                }
            }
        }
        return cost[from.length()][to.length()];
    }
}
