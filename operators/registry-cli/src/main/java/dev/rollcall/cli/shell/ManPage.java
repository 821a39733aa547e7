package dev.rollcall.cli.shell;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The manual page of a command, in the language of man, from what its help says. */
final class ManPage {
    private static final List<String> OF_ALL = List.of("--help", "--version");

    private final PrintWriter out;

    ManPage(PrintWriter out) {
        this.out = out;
    }

    /** Writes the page of a command with all of its verbs. */
    void write(CommandSpec root) {
        out.println(".TH ROLLCALL 1");
        out.println(".SH NAME");
        out.println("rollcall \\- " + escaped(root.usageMessage().description()[0]));
        out.println(".SH SYNOPSIS");
        out.println(".B rollcall");
        out.println("VERB [OPTION]... [ARGUMENT]...");
        out.println(".SH VERBS");
        root.subcommands().values().forEach(line -> verb(line.getCommandSpec()));
        out.println(".SH EXIT STATUS");
        root.usageMessage().exitCodeList().forEach((code, meaning) -> {
            out.println(".TP\n.B " + escaped(code));
            out.println(escaped(meaning));
        });
        out.println(".SH ENVIRONMENT");
        variables().forEach((name, meaning) -> {
            out.println(".TP\n.B " + name);
            out.println(escaped(meaning));
        });
        out.println(".SH FILES");
        out.println(".TP\n.B ~/.config/rollcall/contexts");
        out.println("The stores that rollcall context has given names; see ROLLCALL_CONTEXTS.");
    }

    private static Map<String, String> variables() {
        return new TreeMap<>(Map.of(
                "ROLLCALL_BACKEND", "The URL of the store where --backend names no other.",
                "ROLLCALL_PASSWORD", "The password of the user that a URL without one names.",
                "ROLLCALL_CONTEXTS", "The file of contexts.",
                "ROLLCALL_JAVA_OPTS", "Options for the JVM.",
                "ROLLCALL_CLASSPATH", "Further class path entries, for instance another backend.",
                "NO_COLOR", "If set, nothing is shown in colour."));
    }

    private void verb(CommandSpec command) {
        out.println(".SS \"" + escaped(command.qualifiedName()) + "\"");
        String arguments = command.positionalParameters().stream()
                .map(PositionalParamSpec::paramLabel)
                .collect(Collectors.joining(" "));
        out.println(".B " + escaped(command.qualifiedName()));
        out.println("[OPTION]... " + escaped(arguments));
        for (String paragraph : command.usageMessage().description()) {
            out.println(".PP");
            out.println(escaped(paragraph));
        }
        command.positionalParameters().forEach(parameter -> argument(parameter.paramLabel(), parameter));
        for (OptionSpec option : command.options()) {
            if (Arrays.stream(option.names()).noneMatch(OF_ALL::contains)) {
                argument(
                        String.join(", ", option.names()) + (option.arity().max() > 0 ? " " + option.paramLabel() : ""),
                        option);
            }
        }
        if (command.usageMessage().footer().length > 0) {
            out.println(".PP\nExamples:\n.PP\n.nf");
            for (String line : command.usageMessage().footer()) {
                out.println(escaped(line));
            }
            out.println(".fi");
        }
        command.subcommands().values().forEach(line -> verb(line.getCommandSpec()));
    }

    private void argument(String label, ArgSpec argument) {
        out.println(".TP\n.B " + escaped(label));
        out.println(escaped(String.join(" ", argument.description())
                .replace("${DEFAULT-VALUE}", String.valueOf(argument.defaultValue()))));
    }

    /** What the language would take for its own is written as it means itself. */
    static String escaped(String text) {
        String plain = text.replace("%n", " ").replace("\\", "\\e").replace("-", "\\-");
        return plain.startsWith(".") || plain.startsWith("'") ? "\\&" + plain : plain;
    }
}
