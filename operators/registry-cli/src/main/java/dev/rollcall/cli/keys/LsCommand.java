package dev.rollcall.cli.keys;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.cli.support.StoreOptions;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rollcall ls}. */
@Command(
        name = "ls",
        mixinStandardHelpOptions = true,
        description = "Shows what is directly in a directory: names, whether or not they have a value themselves.",
        footerHeading = "%nExamples:%n",
        footer = {"  rollcall ls /config", "  rollcall ls -l /"})
public final class LsCommand implements Callable<Integer> {
    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private Output output = new Output();

    @Mixin
    private DirectoryArgument place = new DirectoryArgument();

    @Option(
            names = {"-l", "--long"},
            description = "With the revision and size of each, and how many entries are below it; reads all of them.")
    private boolean detailed;

    @Override
    public Integer call() throws InterruptedException {
        Directory directory = place.directory;
        try (KvBackend backend = store.openToRead(output)) {
            if (!detailed) {
                List<String> names = Futures.await(backend.children(directory));
                if (names.isEmpty()) {
                    store.noteIfRepeated(directory.path());
                }
                for (String name : names) {
                    if (output.isJson()) {
                        output.json(node -> node.put("name", name)
                                .put("key", directory.key(name).path()));
                    } else {
                        output.line(PlainText.of(name));
                    }
                }
                return ExitCode.OK;
            }
            show(Branch.of(Futures.await(backend.list(directory))));
            return ExitCode.OK;
        }
    }

    private void show(Branch root) {
        List<List<String>> rows = new ArrayList<>();
        for (Branch child : root.children()) {
            if (output.isJson()) {
                output.json(node -> child.fill(node, false));
            } else {
                rows.add(child.row());
            }
        }
        if (root.children().isEmpty()) {
            store.noteIfRepeated(place.directory.path());
        }
        if (!rows.isEmpty()) {
            output.table(List.of("NAME", "REVISION", "LEASED", "BYTES", "BELOW"), rows);
        }
    }
}
