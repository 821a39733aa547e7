package dev.rollcall.cli.support;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Standard output as text, which knows why it could not be written. Safe for use by several threads. */
public final class StandardOutput extends PrintWriter {
    private final Sink sink;

    private StandardOutput(Sink sink) {
        super(sink, true);
        this.sink = sink;
    }

    /** Prints to {@code out}, in {@code charset} unless {@link #useUtf8} says otherwise. */
    public static StandardOutput on(OutputStream out, Charset charset) {
        return new StandardOutput(new Sink(out, charset));
    }

    /** The process's own standard output, in the charset of its terminal; where that has no more than ASCII, in UTF-8. */
    public static StandardOutput ofProcess() {
        Charset charset = terminalCharset();
        return on(
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)),
                charset.equals(StandardCharsets.US_ASCII) ? StandardCharsets.UTF_8 : charset);
    }

    private static Charset terminalCharset() {
        // The first is set since Java 19, the second before that and on terminals alone.
        for (String property : List.of("stdout.encoding", "sun.stdout.encoding", "native.encoding")) {
            String name = System.getProperty(property);
            if (name != null && !name.isEmpty() && Charset.isSupported(name)) {
                return Charset.forName(name);
            }
        }
        return StandardCharsets.UTF_8;
    }

    /** From now on in UTF-8, as programs expect of JSON whatever the locale is. */
    public void useUtf8() {
        synchronized (lock) {
            flush();
            sink.charset = StandardCharsets.UTF_8;
        }
    }

    /** Writes bytes as they are, behind what was printed before. */
    public void raw(byte[] bytes) {
        synchronized (lock) {
            flush();
            try {
                sink.raw(bytes);
            } catch (IOException e) {
                setError();
            }
        }
    }

    /** Whether a write failed because nobody is there any more to read it, as behind {@code | head -1}. */
    public boolean isReaderGone() {
        synchronized (lock) {
            IOException failure = sink.failure;
            return failure != null && (StandardStreams.outputHasReader() || saysBrokenPipe(failure));
        }
    }

    private static boolean saysBrokenPipe(IOException failure) {
        String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        return message.contains("broken pipe") || message.contains("connection reset");
    }

    /** Encodes what is written. Guarded by the lock of its writer. */
    private static final class Sink extends Writer {
        private final OutputStream out;
        private Charset charset;
        /** Why the first write failed that did, or null. */
        private @Nullable IOException failure;

        Sink(OutputStream out, Charset charset) {
            this.out = out;
            this.charset = charset;
        }

        @Override
        public void write(char[] text, int from, int length) throws IOException {
            put(new String(text, from, length));
        }

        @Override
        public void write(String text, int from, int length) throws IOException {
            put(text.substring(from, from + length));
        }

        private void put(String text) throws IOException {
            raw(text.getBytes(charset));
        }

        void raw(byte[] bytes) throws IOException {
            try {
                out.write(bytes);
            } catch (IOException e) {
                throw noted(e);
            }
        }

        @Override
        public void flush() throws IOException {
            try {
                out.flush();
            } catch (IOException e) {
                throw noted(e);
            }
        }

        @Override
        public void close() throws IOException {
            flush();
        }

        private IOException noted(IOException e) {
            if (failure == null) {
                failure = e;
            }
            return e;
        }
    }
}
