package dev.rollcall.cli.keys;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.cli.support.StoreOptions;
import dev.rollcall.cli.support.UsageException;
import dev.rollcall.cli.support.ValueInput;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rollcall import}. */
@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        description = {
            "Writes the entries of an export. The file is read and checked as a whole before anything is written.",
            "Without an option, entries of the file replace what is there; --if-absent leaves what is there alone; --if-unchanged writes only"
                    + " where the store has the entry at the revision of the file, as it is on the store that was exported if nobody wrote it"
                    + " since. What is the same already is not written, and what the file lacks is not deleted. Exit code 1 if"
                    + " entries were changed by others, and each of them is shown.",
            "Entries are written in transactions of up to 64, each on the condition of what was found: an import is not one moment, but"
                    + " overwrites nothing that it has not seen."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  rollcall import config.jsonl --dry-run",
            "  rollcall import config.jsonl --if-absent",
            "  gunzip <all.jsonl.gz | rollcall import",
            "  rollcall import config.jsonl --into /staging/config"
        })
public final class ImportCommand implements Callable<Integer> {
    private static final int LONGEST = 1 << 30;

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private Output output = new Output();

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            defaultValue = "-",
            description = "The export; - is standard input. Default: ${DEFAULT-VALUE}")
    private String file = "-";

    @Option(names = "--into", paramLabel = "KEY", description = "Below this directory instead of the one exported.")
    private @Nullable Directory into;

    @Option(names = "--if-absent", description = "Leave entries that exist alone.")
    private boolean ifAbsent;

    @Option(names = "--if-unchanged", description = "Only where the entry is at the revision of the file.")
    private boolean ifUnchanged;

    @Option(
            names = "--leased",
            description = "Also the entries that were leased, without a lease: nobody takes them away again.")
    private boolean leased;

    @Option(names = "--dry-run", description = "Only show what would be done.")
    private boolean dryRun;

    @Override
    public Integer call() throws InterruptedException {
        if (ifAbsent && ifUnchanged) {
            throw new UsageException("--if-absent and --if-unchanged exclude each other.");
        }
        ValueInput.sayIfTyped(file, "the export", output);
        ExportFile export = ExportFile.parse(ValueInput.readText(file, LONGEST));
        Directory target = into == null ? export.directory() : into;
        ImportPlan.Mode mode = ifAbsent
                ? ImportPlan.Mode.IF_ABSENT
                : ifUnchanged ? ImportPlan.Mode.IF_UNCHANGED : ImportPlan.Mode.REPLACE;
        try (KvBackend backend = dryRun ? store.openToRead(output) : store.open()) {
            ImportPlan plan = ImportPlan.of(export, target, Futures.await(backend.list(target)), mode, leased);
            if (dryRun) {
                plan.steps().forEach(this::show);
            } else {
                new Importer(backend, output).run(plan);
                // The others are as the file has them; of these somebody has to decide.
                plan.steps().stream()
                        .filter(step -> step.action() == ImportPlan.Action.CHANGED)
                        .forEach(this::show);
            }
            summarize(plan, target);
            if (!dryRun) {
                store.noteIfFleeting();
            }
            return plan.count(ImportPlan.Action.CHANGED) > 0 ? ExitCode.REFUSED : ExitCode.OK;
        }
    }

    private void show(ImportPlan.Step step) {
        if (output.isJson()) {
            output.json(node -> node.put("key", step.key().path()).put("action", word(step.action())));
        } else {
            output.line(String.format(
                    "%-9s  %s", word(step.action()), PlainText.of(step.key().path())));
        }
    }

    private void summarize(ImportPlan plan, Directory target) {
        Map<String, Long> counts = new TreeMap<>();
        for (ImportPlan.Action action : ImportPlan.Action.values()) {
            long count = plan.count(action);
            if (count > 0) {
                counts.put(word(action), count);
            }
        }
        if (output.isJson()) {
            output.json(node -> {
                node.put("directory", target.path()).put("dryRun", dryRun);
                counts.forEach(node::put);
            });
        } else {
            String all = counts.entrySet().stream()
                    .map(each -> each.getValue() + " " + each.getKey())
                    .collect(Collectors.joining(", "));
            output.line((dryRun ? "Would be, below " : "Below ") + PlainText.of(target.path()) + ": "
                    + (all.isEmpty() ? "nothing" : all));
        }
    }

    private static String word(ImportPlan.Action action) {
        return action.name().toLowerCase(Locale.ROOT);
    }
}
