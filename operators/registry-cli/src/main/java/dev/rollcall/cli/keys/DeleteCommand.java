package dev.rollcall.cli.keys;

import dev.rollcall.cli.support.Commits;
import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.cli.support.StoreOptions;
import dev.rollcall.cli.support.UsageException;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rollcall delete}. */
@Command(
        name = "delete",
        mixinStandardHelpOptions = true,
        description = {
            "Deletes an entry that must exist; exit code 1 if it does not.",
            "With --recursive, also all that is below it, in transactions of up to 64: others can see a part of them gone, and what is"
                    + " written meanwhile may stay."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  rollcall delete /config/rate",
            "  rollcall delete /config/rate --if-revision 7",
            "  rollcall delete /config --recursive --dry-run     shows what would go",
            "  rollcall delete /config --recursive"
        })
public final class DeleteCommand implements Callable<Integer> {
    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private Output output = new Output();

    @Parameters(
            index = "0",
            paramLabel = "KEY",
            description = "An absolute path, such as /a/b; with --recursive and --yes also /.")
    private Directory place = Directory.ROOT;

    @Option(names = "--if-revision", paramLabel = "N", description = "Only if the key is at this revision.")
    private @Nullable Long revision;

    @Option(
            names = {"-r", "--recursive"},
            description = "With all that is below it.")
    private boolean recursive;

    @Option(names = "--dry-run", description = "Only show what would be deleted.")
    private boolean dryRun;

    @Option(names = "--yes", description = "Really delete everything below /.")
    private boolean yes;

    @Override
    public Integer call() throws InterruptedException {
        if (recursive && revision != null) {
            throw new UsageException("--if-revision is for a single entry; leave it or --recursive out.");
        }
        if (recursive && place.isRoot() && !yes && !dryRun) {
            throw new UsageException("This would delete everything that the store's URL leads to; add --yes if that is"
                    + " meant, or --dry-run to see it.");
        }
        Key key = recursive && place.isRoot() ? null : Key.of(place.path());
        try (KvBackend backend = dryRun ? store.openToRead(output) : store.open()) {
            if (recursive || dryRun) {
                return deleteAll(backend, key);
            }
            Key one = Key.of(place.path());
            Commit commit = Futures.await(revision == null ? backend.delete(one) : backend.delete(one, revision));
            Commits.show(output, one, "deleted", commit);
            store.noteIfFleeting();
            return ExitCode.OK;
        }
    }

    private int deleteAll(KvBackend backend, @Nullable Key self) throws InterruptedException {
        List<Key> keys = new ArrayList<>();
        if (self != null && Futures.await(backend.get(self)).isPresent()) {
            keys.add(self);
        }
        if (recursive) {
            keys.addAll(Futures.await(backend.keys(place)).keys());
        }
        if (keys.isEmpty()) {
            output.say("There is nothing at '" + place.path() + "'" + (recursive ? " or below it" : "") + " on "
                    + backend.name());
            return ExitCode.REFUSED;
        }
        if (dryRun) {
            for (Key key : keys) {
                show(key, "would be deleted");
            }
        } else {
            new Deletion(backend, output).delete(keys);
        }
        if (output.isJson()) {
            output.json(node -> node.put("directory", place.path())
                    .put("dryRun", dryRun)
                    .put(dryRun ? "wouldDelete" : "deleted", keys.size()));
        } else {
            output.line(Counts.entries(keys.size()) + (dryRun ? " would be" : "") + " deleted at and below "
                    + PlainText.of(place.path()));
        }
        return ExitCode.OK;
    }

    private void show(Key key, String what) {
        if (output.isJson()) {
            output.json(node -> node.put("key", key.path()).put("done", what));
        } else {
            output.line(PlainText.of(key.path()));
        }
    }
}
