package dev.rollcall.cli.keys;

import dev.rollcall.kv.Directory;
import picocli.CommandLine.Parameters;

/** The directory that a verb is about. */
final class DirectoryArgument {
    @Parameters(
            arity = "0..1",
            paramLabel = "KEY",
            defaultValue = "/",
            description = "The directory: a path, or / for everything. Default: ${DEFAULT-VALUE}")
    Directory directory = Directory.ROOT;
}
