package dev.rollcall.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How a command shows its result: as a table for people, or as one JSON document a line for programs. */
final class Output {
    static final ObjectMapper JSON = new ObjectMapper();

    enum Format {
        TABLE,
        JSON
    }

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "table or json (one document a line). Default: ${DEFAULT-VALUE}.")
    private Format format = Format.TABLE;

    boolean isJson() {
        return format == Format.JSON;
    }

    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** Whether nobody gets what is printed any more, so that a command without an end of its own should end. */
    boolean isLost() {
        return isLost(out());
    }

    /** Whether something that was printed could not be written. */
    static boolean isLost(PrintWriter out) {
        // A writer on top of the standard output does not see what that swallows.
        return out.checkError() | System.out.checkError();
    }

    PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** Prints one JSON document on a line of its own. */
    void json(Consumer<ObjectNode> filler) {
        ObjectNode node = JSON.createObjectNode();
        filler.accept(node);
        if (out() instanceof StandardOutput out) {
            out.useUtf8();
        }
        try {
            out().println(JSON.writeValueAsString(node));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree of JSON nodes cannot be written.", e);
        }
        out().flush();
    }

    void line(String text) {
        out().println(text);
        out().flush();
    }

    void table(List<String> header, List<List<String>> rows) {
        line(Table.of(header, rows));
    }
}
