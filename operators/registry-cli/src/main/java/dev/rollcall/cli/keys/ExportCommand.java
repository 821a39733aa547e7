package dev.rollcall.cli.keys;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rollcall.cli.support.Entries;
import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.Json;
import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.cli.support.StoreOptions;
import dev.rollcall.cli.support.ValueFile;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Snapshot;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rollcall export}. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = {
            "Writes all entries below a directory, as of one revision, as JSON lines: first one that says what it is, then one for each entry"
                    + " with its key, revision, value and whether it is leased.",
            "rollcall import reads that again, on any store. Entries that are leased are the presence of somebody, and are left out there"
                    + " unless asked for."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  rollcall export /config --file config.jsonl",
            "  rollcall export / | gzip >all.jsonl.gz",
            "  rollcall export /config | rollcall import --backend zookeeper://127.0.0.1:2181/apps"
        })
public final class ExportCommand implements Callable<Integer> {
    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private Output output = new Output();

    @Mixin
    private DirectoryArgument place = new DirectoryArgument();

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "Write to this file instead of standard output, whole or not at all.")
    private @Nullable String file;

    @Override
    public Integer call() throws InterruptedException {
        ValueFile target = file == null ? null : ValueFile.of(file);
        try (KvBackend backend = store.openToRead(output)) {
            Snapshot snapshot = Futures.await(backend.list(place.directory));
            if (target == null) {
                output.json(node -> head(node, backend, snapshot));
                snapshot.entries().forEach(entry -> output.json(node -> Entries.json(node, entry)));
                return ExitCode.OK;
            }
            target.write(out -> {
                ObjectNode head = Json.object();
                head(head, backend, snapshot);
                out.write((Json.line(head) + "\n").getBytes(StandardCharsets.UTF_8));
                for (KeyValue entry : snapshot.entries()) {
                    ObjectNode node = Json.object();
                    Entries.json(node, entry);
                    out.write((Json.line(node) + "\n").getBytes(StandardCharsets.UTF_8));
                }
            });
            if (output.isJson()) {
                output.json(node -> {
                    head(node, backend, snapshot);
                    node.put("file", target.name());
                });
            } else {
                output.line(Counts.entries(snapshot.size()) + " below " + PlainText.of(place.directory.path())
                        + " at revision " + snapshot.revision() + " written to " + PlainText.of(target.name()));
            }
            return ExitCode.OK;
        }
    }

    private static void head(ObjectNode node, KvBackend backend, Snapshot snapshot) {
        node.put("export", ExportFile.FORMAT)
                .put("store", backend.name())
                .put("directory", snapshot.directory().path())
                .put("entries", snapshot.size())
                .put("revision", snapshot.revision());
    }
}
