package dev.rollcall.cli.turns;

import dev.rollcall.cli.support.DurationConverter;
import dev.rollcall.coordination.CoordinationOptions;
import dev.rollcall.coordination.FencingToken;
import dev.rollcall.kv.Directory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What lock and elect have in common. */
final class TurnOptions {
    @Parameters(
            index = "0",
            paramLabel = "KEY",
            description = "The directory of the queue, the same for all who take part.")
    Directory directory = Directory.ROOT;

    @Parameters(index = "1..*", paramLabel = "-- COMMAND", description = "The command and its arguments, behind --.")
    List<String> command = List.of();

    @Option(
            names = "--ttl",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            defaultValue = "10s",
            description =
                    "How long the turn outlives this command if it is killed or cut off. Default: ${DEFAULT-VALUE}")
    private Duration ttl = Duration.ofSeconds(10);

    @Option(
            names = "--grace",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            defaultValue = "2s",
            description =
                    "How long the command may take to end when it is told to, before it is killed. Default: ${DEFAULT-VALUE}")
    Duration grace = Duration.ofSeconds(2);

    /** For the queue, under a name if that is not empty. */
    CoordinationOptions options(String owner) {
        CoordinationOptions options = CoordinationOptions.defaults().withTtl(ttl);
        return owner.isEmpty() ? options : options.withOwner(owner);
    }

    /** What a command is told of its turn. */
    static Map<String, String> environment(FencingToken token) {
        return Map.of(
                "ROLLCALL_TOKEN",
                Long.toString(token.revision()),
                "ROLLCALL_TURN",
                token.entry().path());
    }
}
