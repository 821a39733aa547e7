package dev.rollcall.cli.turns;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.cli.support.StoreOptions;
import dev.rollcall.coordination.TurnQueue;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows the queues of locks or elections: the store keeps both in the same way. */
final class Queues {
    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private Output output = new Output();

    @Parameters(
            arity = "0..1",
            paramLabel = "KEY",
            defaultValue = "/",
            description = "Those at or below this directory. Default: ${DEFAULT-VALUE}")
    private Directory directory = Directory.ROOT;

    @Option(names = "--queue", description = "Also who waits, in the order of the turns.")
    private boolean all;

    /** Shows them; {@code holder} and {@code waiting} are what the columns are called. */
    int show(String holder, String waiting) throws InterruptedException {
        try (KvBackend backend = store.openToRead(output)) {
            Snapshot snapshot = Futures.await(backend.list(directory));
            List<TurnQueue> queues = TurnQueue.in(snapshot);
            if (output.isJson()) {
                queues.forEach(this::json);
                return ExitCode.OK;
            }
            List<List<String>> rows = new ArrayList<>();
            for (TurnQueue queue : queues) {
                for (int i = 0; i < (all ? queue.places().size() : 1); i++) {
                    rows.add(row(queue, i));
                }
            }
            if (!rows.isEmpty()) {
                output.table(List.of("DIRECTORY", holder, "TOKEN", "SINCE", "HOST", "PROCESS", waiting), rows);
            }
            output.line(queues.size() + (queues.size() == 1 ? " queue" : " queues") + " at and below "
                    + PlainText.of(directory.path()) + " at revision " + snapshot.revision());
            return ExitCode.OK;
        }
    }

    private static List<String> row(TurnQueue queue, int index) {
        TurnQueue.Place place = queue.places().get(index);
        return List.of(
                index == 0 ? PlainText.of(queue.directory().path()) : "",
                (index == 0 ? "" : index + ". ") + PlainText.of(place.owner()),
                Long.toString(place.token().revision()),
                Objects.toString(place.since(), ""),
                PlainText.of(Objects.toString(place.host(), "")),
                Objects.toString(place.process(), ""),
                index == 0 ? Integer.toString(queue.waiting().size()) : "");
    }

    private void json(TurnQueue queue) {
        output.json(node -> {
            node.put("directory", queue.directory().path());
            fill(node.putObject("holder"), queue.holder());
            ArrayNode waiting = node.putArray("waiting");
            queue.waiting().forEach(place -> fill(waiting.addObject(), place));
        });
    }

    private static void fill(ObjectNode node, TurnQueue.Place place) {
        node.put("owner", place.owner())
                .put("token", place.token().revision())
                .put("key", place.token().entry().path());
        if (place.since() != null) {
            node.put("since", place.since().toString());
        }
        if (place.host() != null) {
            node.put("host", place.host());
        }
        if (place.process() != null) {
            node.put("process", place.process());
        }
    }
}
