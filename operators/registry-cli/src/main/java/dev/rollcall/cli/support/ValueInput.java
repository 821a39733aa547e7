package dev.rollcall.cli.support;

import dev.rollcall.kv.Futures;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/** What is read from a file, or from standard input. */
public final class ValueInput {
    private ValueInput() {}

    /**
     * Reads a file, {@code -} for standard input, on a thread of its own: a read from a terminal or a pipe cannot be interrupted, and Ctrl-C has to end the
     * command nevertheless.
     *
     * @throws UsageException if it cannot be read or has more than {@code limit} bytes
     * @throws UncheckedIOException with an {@link InterruptedIOException} if the calling thread is interrupted, and then stays so
     */
    public static byte[] read(String name, int limit) {
        CompletableFuture<byte[]> read = new CompletableFuture<>();
        Thread reader = new Thread(null, () -> complete(read, name, limit), "rollcall-input", 0, false);
        reader.setDaemon(true);
        reader.start();
        try {
            return Futures.await(read);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new InterruptedIOException(named(name) + " was not read to its end."));
        }
    }

    private static void complete(CompletableFuture<byte[]> read, String name, int limit) {
        try {
            read.complete(readNow(name, limit));
        } catch (Throwable e) {
            read.completeExceptionally(e);
        }
    }

    /** Says that somebody has to type what is read, if so; {@code what} is what it is called, such as {@code the value}. */
    public static void sayIfTyped(String name, String what, Output output) {
        if (name.equals("-") && StandardStreams.isInputATerminal()) {
            output.say("This reads " + what + " from the terminal; Ctrl-D ends it");
        }
    }

    private static byte[] readNow(String name, int limit) {
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
