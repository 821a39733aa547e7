package dev.rollcall.cli.store;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.cli.support.StoreOptions;
import dev.rollcall.cli.support.Style;
import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Capability;
import dev.rollcall.kv.Diagnosis;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code rollcall status}. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = {
            "Shows how the store is: whether it answers and how quickly, its revision, its members as far as it tells, what this user may do, and"
                    + " what is wrong with it. Writes nothing.",
            "Exit code 0 if it can be used, 1 if something is wrong with it, 3 if it does not answer, 5 if it refuses this user."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  rollcall status", "  rollcall status -o json | jq .findings"})
public final class StatusCommand implements Callable<Integer> {
    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() throws InterruptedException {
        try (KvBackend backend = store.openToRead(output)) {
            Probes probes = Probes.of(backend);
            Diagnosis diagnosis = Futures.await(backend.diagnose());
            if (output.isJson()) {
                output.json(node -> json(node, backend, probes, diagnosis));
            } else {
                show(backend, probes, diagnosis);
            }
            KvException failure = probes.failure();
            if (failure != null) {
                output.say(String.valueOf(failure.getMessage()));
                return ExitCode.of(failure);
            }
            return diagnosis.findings().stream().anyMatch(finding -> finding.severity() == Diagnosis.Severity.ERROR)
                    ? ExitCode.REFUSED
                    : ExitCode.OK;
        }
    }

    private void show(KvBackend backend, Probes probes, Diagnosis diagnosis) {
        line("Store", PlainText.of(backend.name()) + ", " + store.source());
        line(
                "State",
                probes.failure() == null
                        ? output.styled(Style.GREEN, "answers")
                        : probes.failure() instanceof AccessDeniedException
                                ? output.styled(Style.YELLOW, "answers, and refuses this user")
                                : output.styled(Style.RED, "does not answer"));
        if (probes.failure() == null) {
            line("Revision", Long.toString(probes.revision()));
            line("Reads", probes.latency() + " in the middle of " + Probes.READS + "; root: " + probes.root());
        }
        line("Can do", abilities(backend));
        line(
                "Leases",
                "from " + seconds(backend.limits().shortestTtl().toMillis()) + " to "
                        + seconds(backend.limits().longestTtl().toMillis()));
        if (!diagnosis.members().isEmpty()) {
            List<List<String>> rows = new ArrayList<>();
            diagnosis.members().forEach(member -> rows.add(row(member)));
            output.line("");
            output.table(List.of("MEMBER", "ADDRESS", "VERSION", "ROLE", "CONTACT", "NOTE"), rows);
        }
        output.line("");
        for (Diagnosis.Finding finding : diagnosis.findings()) {
            output.line(styled(finding.severity()) + "  " + PlainText.of(finding.what())
                    + (finding.wayOut() == null ? "" : " " + PlainText.of(finding.wayOut())));
        }
        if (diagnosis.findings().isEmpty() && probes.failure() == null) {
            output.line("Nothing was found that is wrong.");
        }
    }

    private void line(String name, String value) {
        output.line(String.format("%-9s %s", name, value));
    }

    private static String seconds(long millis) {
        return millis % 1000 == 0 ? millis / 1000 + " s" : millis + " ms";
    }

    private static String abilities(KvBackend backend) {
        List<String> all =
                backend.capabilities().stream().map(Capability::name).sorted().toList();
        return all.isEmpty()
                ? "what the contract says"
                : "what the contract says, and "
                        + String.join(", ", all).toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static List<String> row(Diagnosis.Member member) {
        return List.of(
                PlainText.of(member.name()),
                PlainText.of(member.address()),
                text(member.version()),
                word(member.role()),
                word(member.contact()),
                text(member.note()));
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : PlainText.of(text);
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private String styled(Diagnosis.Severity severity) {
        Style style = switch (severity) {
            case INFO -> Style.DIM;
            case WARNING -> Style.YELLOW;
            case ERROR -> Style.RED;
        };
        return output.styled(style, severity.name());
    }

    private void json(ObjectNode node, KvBackend backend, Probes probes, Diagnosis diagnosis) {
        node.put("store", backend.name()).put("source", store.source()).put("answers", probes.failure() == null);
        if (probes.failure() == null) {
            node.put("revision", probes.revision())
                    .put("readMicros", probes.micros())
                    .put("root", probes.root());
        } else {
            node.put("failure", String.valueOf(probes.failure().getMessage()));
        }
        ArrayNode capabilities = node.putArray("capabilities");
        backend.capabilities().stream().map(Capability::name).sorted().forEach(capabilities::add);
        node.putObject("leases")
                .put("shortestMillis", backend.limits().shortestTtl().toMillis())
                .put("longestMillis", backend.limits().longestTtl().toMillis());
        ArrayNode members = node.putArray("members");
        diagnosis
                .members()
                .forEach(member -> members.addObject()
                        .put("name", member.name())
                        .put("address", member.address())
                        .put("version", member.version())
                        .put("role", word(member.role()))
                        .put("contact", word(member.contact()))
                        .put("note", member.note()));
        ArrayNode findings = node.putArray("findings");
        diagnosis
                .findings()
                .forEach(finding -> findings.addObject()
                        .put("severity", word(finding.severity()))
                        .put("what", finding.what())
                        .put("wayOut", finding.wayOut()));
    }
}
