package dev.rollcall.cli;

import dev.rollcall.cli.shell.Hints;
import dev.rollcall.cli.support.Endless;
import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.cli.support.StandardOutput;
import dev.rollcall.cli.support.UsageException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code rollcall} command. */
@Command(
        name = "rollcall",
        mixinStandardHelpOptions = true,
        version = "rollcall 0.1.0-SNAPSHOT",
        description = "One node registry, any store: etcd, ZooKeeper or memory, chosen by a URL.",
        synopsisSubcommandLabel = "VERB",
        footerHeading = "%nExamples:%n",
        footer = {
            "  export ROLLCALL_BACKEND=etcd://127.0.0.1:2379/apps",
            "  rollcall put /config/rate 10",
            "  rollcall tree /",
            "  rollcall help put           the same as rollcall put --help"
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:Done.",
            "1:The store's answer is no: absent, exists already, at another revision, not a node; or a check failed.",
            "2:The command line, URL, key, value or file is malformed. Nothing was sent.",
            "3:The store could not be reached or did not answer in time. Nothing was changed.",
            "4:A write was sent and its answer was lost. Look before repeating it.",
            "5:The store refuses this user.",
            "70:A fault in this program.",
            "74:The output could not be written: its reader is gone, which ends the command without a word, or the disk is full.",
            "75:The turn of rollcall lock was lost, and the command that ran under it was stopped.",
            "130:Interrupted; 143 if told to end (SIGTERM), and so on. What the command had opened is closed first."
        })
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Runs the command and ends the JVM with its exit code. */
    public static void main(String[] args) {
        QuietLogging.install();
        CommandLine command = commandLine(StoreOptionsFirst.behindVerb(args)).setOut(StandardOutput.ofProcess());
        int code;
        try (Departure departure = new Departure(Thread.currentThread())) {
            command.setExecutionExceptionHandler((failure, line, parsed) ->
                    departure.isTold() ? ExitCode.INTERRUPTED : explainFailure(failure, line, parsed));
            code = command.execute(StoreOptionsFirst.behindVerb(TypedArguments.of(args)));
        } catch (UsageException e) {
            command.getErr().println("rollcall: " + PlainText.sentence(e));
            command.getErr().flush();
            code = ExitCode.USAGE;
        }
        // After a signal this waits for the JVM, which ends with the signal's code.
        System.exit(code);
    }

    /** The command, ready to {@code execute} these arguments; its output can be redirected. */
    static CommandLine commandLine(String... args) {
        CommandLine command = new CommandLine(new Main());
        Verbs.addTo(command, args);
        return command.setExpandAtFiles(false) // '@' may begin a value.
                .setCaseInsensitiveEnumValuesAllowed(true)
                .registerConverter(Key.class, converter(Key::of))
                .registerConverter(Directory.class, converter(Directory::of))
                .registerConverter(Long.class, number(Long::valueOf, "not a whole number."))
                .registerConverter(long.class, number(Long::valueOf, "not a whole number."))
                .registerConverter(Integer.class, number(Integer::valueOf, "not a whole number."))
                .registerConverter(int.class, number(Integer::valueOf, "not a whole number."))
                .registerConverter(double.class, number(Double::valueOf, "not a number."))
                .registerConverter(Boolean.class, Main::truth)
                .setExecutionStrategy(Main::runAndCheckOutput)
                .setParameterExceptionHandler(Main::explainUsage)
                .setExecutionExceptionHandler(Main::explainFailure);
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    private static <T> ITypeConverter<T> converter(Function<String, T> parser) {
        return text -> {
            try {
                return parser.apply(text);
            } catch (IllegalArgumentException e) {
                // A URL in the wrong place is not shown: it may hold a password.
                throw new TypeConversionException(
                        text.contains("://")
                                ? "A path starts with '/', but this is a URL. The store's URL is given with --backend."
                                : PlainText.sentence(e) + withSlash(text, parser));
            }
        };
    }

    /** The library would say that it is not a long. */
    private static <N extends Number> ITypeConverter<N> number(Function<String, N> parser, String otherwise) {
        return text -> {
            try {
                return parser.apply(text);
            } catch (NumberFormatException e) {
                throw new TypeConversionException("'" + PlainText.of(text) + "' is "
                        + (text.matches("[+-]?[0-9]+") ? "out of range." : otherwise));
            }
        };
    }

    private static Boolean truth(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new TypeConversionException("'" + PlainText.of(text) + "' is neither true nor false.");
        };
    }

    /** etcdctl's and consul's keys need not start with one. */
    private static String withSlash(String text, Function<String, ? extends Object> parser) {
        if (text.isEmpty() || text.startsWith("/")) {
            return "";
        }
        try {
            return " Did you mean '" + PlainText.of(parser.apply("/" + text).toString()) + "'?";
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    /** Runs the command that was asked for. Its output is checked here, once for all, as writers tell of no failure by themselves. */
    private static int runAndCheckOutput(ParseResult parsed) {
        refuseUnknownVerb(parsed);
        CommandLine command = parsed.commandSpec().commandLine();
        int code;
        try (ReaderWatch reader = endless(parsed) ? ReaderWatch.of(Thread.currentThread()) : null) {
            try {
                code = new CommandLine.RunLast().execute(parsed);
                if (reader != null && reader.isReaderGone()) {
                    return ExitCode.OUTPUT;
                }
            } catch (ExecutionException e) {
                // Whatever an interrupted command has made of that.
                if (reader != null && reader.isReaderGone()) {
                    return ExitCode.OUTPUT;
                }
                throw e;
            }
        } catch (Error e) {
            // A backend whose jar does not fit, for instance: explained like any failure, by the handler of exceptions.
            throw new ExecutionException(command, "The command ended with an error.", e);
        }
        if (code != ExitCode.OK || !Output.isLost(command.getOut())) {
            return code;
        }
        if (!(command.getOut() instanceof StandardOutput out && out.isReaderGone())) {
            command.getErr().println("rollcall: The output could not be written.");
            command.getErr().flush();
        }
        return ExitCode.OUTPUT;
    }

    /** Whether the command that was asked for may have nothing to write for a long time. */
    private static boolean endless(ParseResult parsed) {
        ParseResult verb = parsed;
        while (verb.hasSubcommand()) {
            verb = verb.subcommand();
        }
        return verb.commandSpec().userObject() instanceof Endless;
    }

    private static int explainUsage(ParameterException e, String[] args) {
        ParameterException first = unknownWordAmong(e, args).orElse(e);
        CommandLine command = first.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("rollcall: " + Secrets.hiddenIn(usageProblem(first, args), args) + " Try '"
                + command.getCommandSpec().qualifiedName() + " --help'.");
        err.flush();
        return ExitCode.USAGE;
    }

    /** The library shows the help that was asked for, whatever else it did not understand; of a verb that there is not there is none. */
    private static void refuseUnknownVerb(ParseResult parsed) {
        for (ParseResult level = parsed; level != null; level = level.hasSubcommand() ? level.subcommand() : null) {
            CommandLine command = level.commandSpec().commandLine();
            List<String> unmatched = level.unmatched();
            if (!command.getSubcommands().isEmpty()
                    && !level.hasSubcommand()
                    && !unmatched.isEmpty()
                    && !unmatched.get(0).startsWith("-")) {
                throw new UnmatchedArgumentException(command, unmatched);
            }
        }
    }

    /** The library reads on behind a verb that there is not, and would explain what is wrong with the next one: of {@code member list -w table}, list. */
    private static Optional<ParameterException> unknownWordAmong(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        while (command.getParent() != null) {
            command = command.getParent();
        }
        for (String arg : args) {
            if (arg.startsWith("-") || command.getSubcommands().isEmpty()) {
                return Optional.empty();
            }
            CommandLine verb = command.getSubcommands().get(arg);
            if (verb == null) {
                return Optional.of(new UnmatchedArgumentException(command, List.of(arg)));
            }
            command = verb;
        }
        return Optional.empty();
    }

    private static String usageProblem(ParameterException e, String[] args) {
        CommandSpec command = e.getCommandLine().getCommandSpec();
        if (!(e instanceof UnmatchedArgumentException unmatched)
                || unmatched.getUnmatched().isEmpty()) {
            return PlainText.sentence(e)
                    + Hints.forOptionAmong(command, args)
                            .map(hint -> " " + hint)
                            .orElse("");
        }
        String first = unmatched.getUnmatched().get(0);
        if (unmatched.isUnknownOption()) {
            return PlainText.sentence(e)
                    + Hints.forOption(command, first).map(hint -> " " + hint).orElse("");
        }
        return command.subcommands().isEmpty()
                ? PlainText.sentence(e)
                : "Unknown command: '" + PlainText.of(first) + "'."
                        + Hints.forVerb(command, first).map(hint -> " " + hint).orElse("");
    }

    private static int explainFailure(Exception e, CommandLine command, ParseResult parsed) {
        Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : Futures.unwrap(e);
        PrintWriter err = command.getErr();
        int code = ExitCode.of(cause);
        if (code == ExitCode.BUG) {
            err.println("rollcall: a fault in this program; please report it with the lines below.");
            cause.printStackTrace(err);
        } else if (code != ExitCode.INTERRUPTED) {
            String[] args = parsed.originalArgs().toArray(String[]::new);
            err.println("rollcall: " + Secrets.hiddenIn(PlainText.sentence(cause), args));
        }
        err.flush();
        return code;
    }
}
