package dev.rollcall.cli.keys;

import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.UsageException;
import dev.rollcall.cli.support.ValueInput;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.Limits;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A key, and a value on the command line, in a file or on standard input. */
final class EntryArguments {
    @Parameters(index = "0", paramLabel = "KEY", description = "An absolute path, such as /a/b.")
    Key key = Key.of("/-");

    @Parameters(index = "1", arity = "0..1", paramLabel = "VALUE", description = "The value, as text.")
    private @Nullable String text;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "Take the value from a file instead; - is standard input.")
    private @Nullable String file;

    /** The value that was given, one way or the other; says if somebody has to type it. */
    Bytes value(Output output) {
        if ((text == null) == (file == null)) {
            throw new UsageException(
                    "Give the value either as an argument or with --file; --file - is standard input.");
        }
        if (text != null) {
            return Bytes.ofUtf8(text);
        }
        ValueInput.sayIfTyped(String.valueOf(file), "the value", output);
        return Bytes.unsafeWrap(ValueInput.read(String.valueOf(file), Limits.MAX_VALUE_BYTES));
    }
}
