package dev.rollcall.cli;

import dev.rollcall.cli.demo.DemoCommand;
import dev.rollcall.cli.keys.CountCommand;
import dev.rollcall.cli.keys.CreateCommand;
import dev.rollcall.cli.keys.DeleteCommand;
import dev.rollcall.cli.keys.ExportCommand;
import dev.rollcall.cli.keys.GetCommand;
import dev.rollcall.cli.keys.ImportCommand;
import dev.rollcall.cli.keys.ListCommand;
import dev.rollcall.cli.keys.LsCommand;
import dev.rollcall.cli.keys.PutCommand;
import dev.rollcall.cli.keys.TreeCommand;
import dev.rollcall.cli.keys.TxnCommand;
import dev.rollcall.cli.keys.UpdateCommand;
import dev.rollcall.cli.keys.WatchCommand;
import dev.rollcall.cli.kit.TckCommand;
import dev.rollcall.cli.nodes.NodesCommand;
import dev.rollcall.cli.shell.CompletionCommand;
import dev.rollcall.cli.shell.HelpCommand;
import dev.rollcall.cli.shell.ManCommand;
import dev.rollcall.cli.store.CheckCommand;
import dev.rollcall.cli.store.ConsoleCommand;
import dev.rollcall.cli.store.ContextCommand;
import dev.rollcall.cli.store.StatusCommand;
import dev.rollcall.cli.turns.ElectCommand;
import dev.rollcall.cli.turns.LeadersCommand;
import dev.rollcall.cli.turns.LockCommand;
import dev.rollcall.cli.turns.LocksCommand;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The verbs by theme. Reading the annotations of all of them takes longer than a get, so where one is named only that one is made. */
final class Verbs {
    private static final Map<String, List<String>> THEMES = themes();

    private Verbs() {}

    private static Map<String, List<String>> themes() {
        Map<String, List<String>> themes = new LinkedHashMap<>();
        themes.put("Read", List.of("get", "list", "ls", "tree", "count", "watch"));
        themes.put("Write", List.of("put", "create", "update", "delete", "txn"));
        themes.put("Carry", List.of("export", "import"));
        themes.put("Lock and elect", List.of("lock", "elect", "locks", "leaders"));
        themes.put("Nodes", List.of("nodes"));
        themes.put("The store", List.of("status", "check", "console", "context"));
        themes.put("Prove and show", List.of("tck", "demo"));
        themes.put("Help", List.of("help", "completion", "man"));
        return themes;
    }

    private static Object create(String verb) {
        return switch (verb) {
            case "get" -> new GetCommand();
            case "list" -> new ListCommand();
            case "ls" -> new LsCommand();
            case "tree" -> new TreeCommand();
            case "count" -> new CountCommand();
            case "watch" -> new WatchCommand();
            case "put" -> new PutCommand();
            case "create" -> new CreateCommand();
            case "update" -> new UpdateCommand();
            case "delete" -> new DeleteCommand();
            case "txn" -> new TxnCommand();
            case "export" -> new ExportCommand();
            case "import" -> new ImportCommand();
            case "lock" -> new LockCommand();
            case "elect" -> new ElectCommand();
            case "locks" -> new LocksCommand();
            case "leaders" -> new LeadersCommand();
            case "nodes" -> new NodesCommand();
            case "status" -> new StatusCommand();
            case "check" -> new CheckCommand();
            case "console" -> new ConsoleCommand();
            case "context" -> new ContextCommand();
            case "tck" -> new TckCommand();
            case "demo" -> new DemoCommand();
            case "completion" -> new CompletionCommand();
            case "man" -> new ManCommand();
            case "help" -> new HelpCommand();
            default -> throw new IllegalArgumentException("There is no verb '" + verb + "'.");
        };
    }

    /** The names of all verbs, in the order of the help. */
    static List<String> names() {
        List<String> names = new ArrayList<>();
        THEMES.values().forEach(names::addAll);
        return names;
    }

    /** Gives {@code command} the verb that {@code args} begin with, none if they ask for the version, or all if they need more: for help, completion and advice. */
    static void addTo(CommandLine command, String[] args) {
        String first = args.length == 0 ? "" : args[0];
        if (first.equals("--version") || first.equals("-V")) {
            return;
        }
        if (!THEMES.getOrDefault("Help", List.of()).contains(first) && names().contains(first)) {
            command.addSubcommand(first, create(first));
            return;
        }
        names().forEach(name -> command.addSubcommand(name, create(name)));
        command.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, Verbs::commandList);
        command.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING, help -> "");
    }

    private static String commandList(Help help) {
        StringBuilder list = new StringBuilder();
        THEMES.forEach((theme, verbs) -> {
            Help.TextTable table = Help.TextTable.forColumns(
                    help.colorScheme(),
                    new Help.Column(12, 2, Help.Column.Overflow.SPAN),
                    new Help.Column(help.commandSpec().usageMessage().width() - 12, 2, Help.Column.Overflow.WRAP));
            for (String verb : verbs) {
                CommandLine line =
                        Objects.requireNonNull(help.commandSpec().subcommands().get(verb));
                String[] description = line.getCommandSpec().usageMessage().description();
                table.addRowValues(
                        help.colorScheme().commandText(verb),
                        help.colorScheme().text(description.length == 0 ? "" : firstSentence(description[0])));
            }
            list.append(String.format("%n%s:%n", theme)).append(table);
        });
        return list.toString();
    }

    /** What a line of a list has room for. */
    private static String firstSentence(String description) {
        int end = description.indexOf(". ");
        return end < 0 ? description : description.substring(0, end + 1);
    }
}
