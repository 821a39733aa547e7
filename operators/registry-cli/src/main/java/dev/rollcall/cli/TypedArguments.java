package dev.rollcall.cli;

import dev.rollcall.cli.support.Text;
import dev.rollcall.cli.support.UsageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The command line as it was typed. The JVM reads it in the charset of the locale and puts a replacement where that does not fit, so with {@code LC_ALL=C}
 * everything beyond ASCII is lost, and nobody would be told. On Linux its bytes are read again; elsewhere a replacement is refused.
 */
final class TypedArguments {
    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
    private static final char REPLACEMENT = '\uFFFD';

    private TypedArguments() {}

    /**
     * What {@code args} were before the JVM has read them.
     *
     * @throws UsageException if one of them is no text
     */
    static String[] of(String[] args) {
        byte[] commandLine;
        try {
            commandLine = Files.readAllBytes(COMMAND_LINE);
        } catch (IOException | SecurityException e) {
            commandLine = new byte[0];
        }
        return of(args, commandLine, locale());
    }

    /** The charset in which the JVM has read the arguments. */
    private static Charset locale() {
        try {
            return Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
        } catch (IllegalArgumentException e) {
            return StandardCharsets.UTF_8;
        }
    }

    /**
     * Reads again what may have been lost.
     *
     * @param commandLine the process's arguments with a zero byte behind each, those of the JVM included; empty if they cannot be known
     */
    static String[] of(String[] args, byte[] commandLine, Charset locale) {
        List<byte[]> all = split(commandLine);
        int others = all.size() - args.length;
        String[] typed = new String[args.length];
        for (int i = 0; i < args.length; i++) {
            boolean certain = others < 1 || args[i].chars().allMatch(c -> c < 128);
            typed[i] = certain ? unlessReplaced(args[i], i) : decoded(all.get(others + i), locale, i);
        }
        return typed;
    }

    private static List<byte[]> split(byte[] commandLine) {
        List<byte[]> arguments = new ArrayList<>();
        ByteArrayOutputStream argument = new ByteArrayOutputStream();
        for (byte each : commandLine) {
            if (each == 0) {
                arguments.add(argument.toByteArray());
                argument.reset();
            } else {
                argument.write(each);
            }
        }
        return arguments;
    }

    private static String unlessReplaced(String arg, int index) {
        if (arg.indexOf(REPLACEMENT) >= 0) {
            throw unreadable(index);
        }
        return arg;
    }

    private static String decoded(byte[] bytes, Charset locale, int index) {
        String text = Text.strictly(bytes, locale);
        if (text == null) {
            text = Text.strictly(bytes, StandardCharsets.UTF_8);
        }
        if (text == null) {
            throw unreadable(index);
        }
        return text;
    }

    private static UsageException unreadable(int index) {
        return new UsageException("Argument " + (index + 1)
                + " is not text in UTF-8 or in the charset of this locale. A value of any bytes is given with --file.");
    }
}
