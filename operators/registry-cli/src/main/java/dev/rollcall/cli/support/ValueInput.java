package dev.rollcall.cli.support;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** What is read from a file, or from standard input. */
public final class ValueInput {
    private ValueInput() {}

    /**
     * Reads a file, {@code -} for standard input.
     *
     * @throws UsageException if it cannot be read or has more than {@code limit} bytes
     */
    public static byte[] read(String name, int limit) {
        try (InputStream in = open(name)) {
            byte[] bytes = in.readNBytes(limit + 1);
            if (bytes.length > limit) {
                throw new UsageException(named(name) + " is larger than the limit of " + limit + " bytes.");
            }
            return bytes;
        } catch (IOException e) {
            throw new UsageException("The file '" + name + "' cannot be read: " + FileProblem.of(e) + ".");
        }
    }

    /** {@link #read} as text, which has to be UTF-8. */
    public static String readText(String name, int limit) {
        String text = Text.strictly(read(name, limit), StandardCharsets.UTF_8);
        if (text == null) {
            throw new UsageException(named(name) + " is not text in UTF-8.");
        }
        return text;
    }

    private static String named(String name) {
        return name.equals("-") ? "Standard input" : "The file '" + name + "'";
    }

    private static InputStream open(String name) throws IOException {
        if (name.equals("-") || StandardStreams.isInput(name)) {
            return StandardStreams.input();
        }
        try {
            return Files.newInputStream(Path.of(name));
        } catch (InvalidPathException e) {
            throw new UsageException("The file '" + name + "' cannot be read: no file can have that name.");
        }
    }
}
