package dev.rollcall.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import picocli.CommandLine;

/** One run of the command in this process, and what it printed. */
record Run(int code, String out, String err) {
    static Run of(String... args) {
        return into(new StringWriter(), args);
    }

    /** A run whose standard output has no reader any more. */
    static Run intoNothing(String... args) {
        return into(
                new Writer() {
                    @Override
                    public void write(char[] text, int from, int length) throws IOException {
                        throw new IOException("Nobody reads this.");
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void close() {}
                },
                args);
    }

    private static Run into(Writer out, String... args) {
        StringWriter err = new StringWriter();
        String[] ordered = StoreOptionsFirst.behindVerb(args);
        CommandLine command =
                Main.commandLine(ordered).setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        int code = command.execute(ordered);
        return new Run(code, out.toString(), err.toString());
    }
}
