package dev.rollcall.tck.nemesis;

import static dev.rollcall.tck.report.JsonForm.quote;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The report as JSON; all times are in milliseconds since the run began. */
final class NemesisJson {
    private final NemesisReport report;

    NemesisJson(NemesisReport report) {
        this.report = report;
    }

    String render() {
        HolderFigures holders = report.holders();
        return "{\n"
                + "  \"cluster\": " + quote(report.cluster()) + ",\n"
                + "  \"seed\": " + report.seed() + ",\n"
                + "  \"millis\": " + report.took().toMillis() + ",\n"
                + "  \"histories\": {\"judged\": " + report.rounds() + ", \"undecidedByReplay\": " + report.undecided()
                + ", \"undecidedBySearch\": " + report.unordered() + "},\n"
                + "  \"operations\": " + counts(new TreeMap<>(report.operations()), Function.identity()) + ",\n"
                + "  \"signals\": " + report.signals() + ",\n"
                + "  \"leases\": {\"held\": " + holders.leases() + ", \"lost\": " + holders.leasesLost() + "},\n"
                + "  \"locks\": {\"turns\": " + holders.turns() + ", \"lost\": " + holders.turnsLost()
                + ", \"guardedWrites\": " + holders.guardedWrites() + ", \"refusedWrites\": " + holders.refusedWrites()
                + "},\n"
                + "  \"faults\": " + counts(report.faults(), Fault::label) + ",\n"
                + "  \"recoveries\": " + array(report.recoveries(), recovery -> millis(recovery)) + ",\n"
                + "  \"knownFaults\": " + array(report.known(), NemesisJson::known) + ",\n"
                + "  \"violations\": " + array(report.violations(), violation -> quote(violation)) + ",\n"
                + "  \"rounds\": [\n"
                + report.timeline().stream().map(NemesisJson::round).collect(Collectors.joining(",\n"))
                + "\n  ]\n}\n";
    }

    private static String known(KnownFinding finding) {
        return "{\"upstream\": " + quote(finding.fault().upstream())
                + ", \"effect\": " + quote(finding.fault().effect().name())
                + ", \"finding\": " + quote(finding.what()) + "}";
    }

    private static String round(NemesisRound round) {
        return "    {\"number\": " + round.number()
                + ", \"workload\": " + quote(round.workload().name())
                + ", \"seed\": " + round.seed()
                + ", \"from\": " + millis(round.from())
                + ", \"until\": " + millis(round.until())
                + ",\n     \"faults\": " + array(round.faults(), NemesisJson::fault)
                + ",\n     \"seconds\": " + array(round.pulses(), NemesisJson::pulse)
                + ",\n     \"knownFaults\": " + array(round.known(), NemesisJson::known)
                + ",\n     \"violations\": " + array(round.violations(), violation -> quote(violation)) + "}";
    }

    private static String fault(FaultTime time) {
        return "{\"fault\": " + quote(time.fault().label())
                + ", \"from\": " + millis(time.from())
                + ", \"until\": " + millis(time.until())
                + ", \"served\": " + millis(time.served()) + "}";
    }

    private static String pulse(Pulse pulse) {
        return "{\"second\": " + pulse.second()
                + ", \"done\": " + pulse.done()
                + ", \"failed\": " + pulse.failed()
                + ", \"inDoubt\": " + pulse.inDoubt() + "}";
    }

    private static String millis(Duration duration) {
        return Long.toString(duration.toMillis());
    }

    private static <T> String array(Collection<T> items, Function<T, String> form) {
        return items.stream().map(form).collect(Collectors.joining(", ", "[", "]"));
    }

    private static <K> String counts(Map<K, Integer> counts, Function<K, String> name) {
        return counts.entrySet().stream()
                .map(entry -> quote(name.apply(entry.getKey())) + ": " + entry.getValue())
                .collect(Collectors.joining(", ", "{", "}"));
    }
}
