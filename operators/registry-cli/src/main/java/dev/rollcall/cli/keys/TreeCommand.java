package dev.rollcall.cli.keys;

import dev.rollcall.cli.support.Entries;
import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.cli.support.StoreOptions;
import dev.rollcall.cli.support.Style;
import dev.rollcall.cli.support.UsageException;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Snapshot;
import java.util.Iterator;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rollcall tree}. */
@Command(
        name = "tree",
        mixinStandardHelpOptions = true,
        description =
                "Shows what is below a directory as a tree, as of one revision. A name that only leads to others ends in /.",
        footerHeading = "%nExamples:%n",
        footer = {"  rollcall tree", "  rollcall tree /config --values", "  rollcall tree / --depth 2"})
public final class TreeCommand implements Callable<Integer> {
    private static final int VALUE_LENGTH = 60;

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private Output output = new Output();

    @Mixin
    private DirectoryArgument place = new DirectoryArgument();

    @Option(names = "--depth", paramLabel = "N", description = "So many levels; of what is deeper only how much it is.")
    private int depth = Integer.MAX_VALUE;

    @Option(names = "--values", description = "With the values, shortened.")
    private boolean values;

    @Override
    public Integer call() throws InterruptedException {
        if (depth < 1) {
            throw new UsageException("The --depth must be at least 1, but is " + depth + ".");
        }
        try (KvBackend backend = store.openToRead(output)) {
            Snapshot snapshot = Futures.await(backend.list(place.directory));
            Branch root = Branch.of(snapshot);
            if (snapshot.size() == 0) {
                store.noteIfRepeated(place.directory.path());
            }
            if (output.isJson()) {
                output.json(node -> {
                    root.fill(node, true);
                    node.put("storeRevision", snapshot.revision());
                });
                return ExitCode.OK;
            }
            output.line(output.styled(Style.BOLD, PlainText.of(root.name())));
            show(root, "", 1);
            output.line("");
            output.line(Counts.entries(snapshot.size()) + " below " + PlainText.of(place.directory.path())
                    + " at revision " + snapshot.revision());
            return ExitCode.OK;
        }
    }

    private void show(Branch branch, String indent, int level) {
        for (Iterator<Branch> each = branch.children().iterator(); each.hasNext(); ) {
            Branch child = each.next();
            boolean last = !each.hasNext();
            boolean cut = level == depth && child.below() > 0;
            output.line(indent + (last ? "└── " : "├── ") + label(child) + (cut ? "  … " + child.below() : ""));
            if (!cut) {
                show(child, indent + (last ? "    " : "│   "), level + 1);
            }
        }
    }

    private String label(Branch branch) {
        KeyValue entry = branch.entry();
        String name = PlainText.of(branch.name());
        if (entry == null) {
            return output.styled(Style.CYAN, name + "/");
        }
        String leased = entry.leased() ? output.styled(Style.GREEN, " (leased)") : "";
        if (!values) {
            return name + leased;
        }
        String value = Entries.shown(entry.value());
        return name + leased + " = " + (value.length() > VALUE_LENGTH ? value.substring(0, VALUE_LENGTH) + "…" : value);
    }
}
