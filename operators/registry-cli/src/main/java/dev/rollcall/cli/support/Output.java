package dev.rollcall.cli.support;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rollcall.kv.Bytes;
import java.io.PrintWriter;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How a command shows its result: as a table for people, or as one JSON document a line for programs. */
public final class Output {
    /** The ways to show a result. */
    public enum Format {
        /** Columns of text. */
        TABLE,
        /** One document a line. */
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

    /** Whether programs read what is printed. */
    public boolean isJson() {
        return format == Format.JSON;
    }

    /** Where results go. */
    public PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** Whether nobody gets what is printed any more, so that a command without an end of its own should end. */
    public boolean isLost() {
        return isLost(out());
    }

    /** Whether something that was printed could not be written. */
    public static boolean isLost(PrintWriter out) {
        // A writer on top of the standard output does not see what that swallows.
        return out.checkError() | System.out.checkError();
    }

    /** Where everything else goes that is said. */
    public PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** Says something on standard error, on one line; {@code text} is a sentence. */
    public void say(String text) {
        err().println("rollcall: " + PlainText.sentence(text));
        err().flush();
    }

    /** Prints one JSON document on a line of its own. */
    public void json(Consumer<ObjectNode> filler) {
        ObjectNode node = Json.object();
        filler.accept(node);
        if (out() instanceof StandardOutput out) {
            out.useUtf8();
        }
        line(Json.line(node));
    }

    /** Prints a line. */
    public void line(String text) {
        out().println(text);
        out().flush();
    }

    /** Prints bytes as they are, with nothing behind them. */
    public void raw(Bytes bytes) {
        if (out() instanceof StandardOutput out) {
            out.raw(bytes.toByteArray());
        } else {
            out().print(bytes.utf8());
        }
        out().flush();
    }

    /** Prints a table. */
    public void table(List<String> header, List<List<String>> rows) {
        line(Table.of(header, rows, Style.isShownOn(out())));
    }

    /** {@code text} in {@code style} where that can be shown. */
    public String styled(Style style, String text) {
        return style.of(text, out());
    }
}
