package dev.rollcall.cli;

import static dev.rollcall.fuzz.Refusals.SECRET;
import static dev.rollcall.fuzz.Refusals.assertClause;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.cli.nodes.Nodes;
import dev.rollcall.cli.support.DurationConverter;
import dev.rollcall.cli.support.Entries;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.cli.support.UsageException;
import dev.rollcall.fuzz.FuzzTarget;
import dev.rollcall.kv.Bytes;
import dev.rollcall.registry.NodeStatus;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.TypeConversionException;

/** What a command line gives to be read, and what the store gives to be shown. */
class CommandInputFuzzTest extends FuzzTarget {
    private final DurationConverter durations = new DurationConverter();

    @Override
    protected List<byte[]> seeds() {
        return texts(
                "500ms",
                "999999999h",
                "PT1H30M",
                "P1000000D",
                "PT-0.000000001S",
                "-5s",
                "{\"nodeId\":\"p\",\"host\":\"h\",\"score\":1}",
                "{\"nodeId\":\"\"}",
                "{\"score\":\"" + SECRET + "\"}",
                "null",
                "a\u202Eb\u001B[31m\n\u2028\uD83D\uDE00");
    }

    @Override
    protected List<String> words() {
        return List.of("ms", "s", "m", "h", "P", "PT", "D", "0", "-", "{\"nodeId\":", "\u0000", "\u202E", "\u001B[2J");
    }

    @Override
    protected void check(byte[] input) {
        String text = new String(input, UTF_8);
        try {
            assertThat(durations.convert(text)).isPositive().isLessThanOrEqualTo(Duration.ofDays(365));
        } catch (TypeConversionException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
        try {
            NodeStatus status = Nodes.parse(text);
            assertThat(status.nodeId()).isNotEmpty();
        } catch (UsageException e) {
            assertClause(e.getMessage());
        }
        for (String shown : List.of(
                PlainText.of(text),
                Entries.shown(Bytes.copyOf(input)),
                PlainText.of(PlainText.sentence(new IllegalStateException(text))))) {
            assertThat(shown.codePoints()
                            .filter(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT))
                    .isEmpty();
        }
    }
}
