package dev.rollcall.cli.keys;

import dev.rollcall.cli.support.Entries;
import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.cli.support.StoreOptions;
import dev.rollcall.cli.support.UsageException;
import dev.rollcall.cli.support.ValueFile;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rollcall get}. */
@Command(
        name = "get",
        mixinStandardHelpOptions = true,
        description = "Shows one entry; exit code 1 if it is absent.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  rollcall get /config/rate",
            "  rate=$(rollcall get /config/rate --raw)",
            "  rollcall get /config/tls.pem --file tls.pem",
            "  rollcall get /config/rate -o json"
        })
public final class GetCommand implements Callable<Integer> {
    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private Output output = new Output();

    @Parameters(paramLabel = "KEY", description = "An absolute path, such as /a/b.")
    private Key key = Key.of("/-");

    @Option(names = "--raw", description = "Only the value, byte for byte, with no line break behind it.")
    private boolean raw;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "Write the value to a file, byte for byte, instead of showing it.")
    private @Nullable String file;

    @Override
    public Integer call() throws InterruptedException {
        if (raw && (file != null || output.isJson())) {
            throw new UsageException("Give one of --raw, --file and -o json: each is a way to show the value.");
        }
        ValueFile target = file == null ? null : ValueFile.of(file);
        try (KvBackend backend = store.openToRead(output)) {
            GetResult result = Futures.await(backend.get(key));
            KeyValue entry = result.entryOrNull();
            if (entry == null) {
                output.say("The key '" + key.path() + "' does not exist on " + backend.name() + ", at revision "
                        + result.revision());
                store.noteIfRepeated(key.path());
                return ExitCode.REFUSED;
            }
            if (raw) {
                output.raw(entry.value());
            } else if (target != null) {
                target.write(entry.value());
                showWritten(entry, target);
            } else if (output.isJson()) {
                output.json(node -> Entries.json(node, entry));
            } else {
                output.table(Entries.HEADER, List.of(Entries.row(entry)));
            }
            return ExitCode.OK;
        }
    }

    private void showWritten(KeyValue entry, ValueFile target) {
        if (output.isJson()) {
            output.json(node -> node.put("key", key.path())
                    .put("revision", entry.revision())
                    .put("file", target.name())
                    .put("bytes", entry.value().size()));
        } else {
            output.line(entry.value().size() + " bytes of " + PlainText.of(key.path()) + " at revision "
                    + entry.revision() + " written to " + PlainText.of(target.name()));
        }
    }
}
