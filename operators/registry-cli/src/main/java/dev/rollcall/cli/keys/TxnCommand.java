package dev.rollcall.cli.keys;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.StoreOptions;
import dev.rollcall.cli.support.ValueInput;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Txn;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code rollcall txn}. */
@Command(
        name = "txn",
        mixinStandardHelpOptions = true,
        description = {
            "Applies all of some writes if all of some conditions hold, at one moment, else nothing; exit code 1 if one does not hold.",
            "The transaction is JSON: {\"if\": [conditions], \"then\": [writes]}, each list of up to 64. A condition is {\"absent\": KEY},"
                    + " {\"present\": KEY} or {\"key\": KEY, \"revision\": N}. A write is {\"put\": KEY, \"value\": TEXT}, {\"put\": KEY,"
                    + " \"valueBase64\": BASE64} or {\"delete\": KEY}. There is no else."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  echo '{\"if\":[{\"absent\":\"/b\"}],\"then\":[{\"delete\":\"/a\"},{\"put\":\"/b\",\"value\":\"1\"}]}' | rollcall txn",
            "  rollcall txn move.json"
        })
public final class TxnCommand implements Callable<Integer> {
    /** More than any transaction with the limits that there are can take. */
    private static final int LONGEST = 16 * 1024 * 1024;

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private Output output = new Output();

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            defaultValue = "-",
            description = "The transaction; - is standard input. Default: ${DEFAULT-VALUE}")
    private String file = "-";

    @Override
    public Integer call() throws InterruptedException {
        ValueInput.sayIfTyped(file, "the transaction", output);
        Txn txn = TxnFile.parse(ValueInput.readText(file, LONGEST));
        try (KvBackend backend = store.open()) {
            Commit commit = Futures.await(backend.commit(txn));
            if (output.isJson()) {
                output.json(node -> node.put("done", "committed")
                        .put("writes", txn.writes().size())
                        .put("revision", commit.revision()));
            } else {
                output.line(txn.writes().size() + (txn.writes().size() == 1 ? " write" : " writes")
                        + " committed at revision " + commit.revision());
            }
            store.noteIfFleeting();
            return ExitCode.OK;
        }
    }
}
