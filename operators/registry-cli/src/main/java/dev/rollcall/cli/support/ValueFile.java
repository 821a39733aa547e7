package dev.rollcall.cli.support;

import dev.rollcall.kv.Bytes;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A file that something from the store is written to: whole, or not at all. */
public final class ValueFile {
    private final String name;
    private final Path path;

    private ValueFile(String name, Path path) {
        this.name = name;
        this.path = path;
    }

    /**
     * The file with this name, which need not exist; nothing is touched yet.
     *
     * @throws UsageException if there cannot be such a file
     */
    public static ValueFile of(String name) {
        try {
            Path path = Path.of(name);
            Path folder = path.toAbsolutePath().getParent();
            if (folder == null || Files.isDirectory(path) || !Files.isDirectory(folder)) {
                throw new UsageException("The file '" + name + "' cannot be written: "
                        + (Files.isDirectory(path) ? "it is a directory." : "its directory does not exist."));
            }
            return new ValueFile(name, path);
        } catch (InvalidPathException e) {
            throw new UsageException("'" + name + "' cannot be the name of a file.");
        }
    }

    /** The name as it was given. */
    public String name() {
        return name;
    }

    /**
     * Writes the file; what it held before is replaced at the end, in one step.
     *
     * @throws UsageException if that fails; the file is as it was
     */
    public void write(Bytes content) {
        write(out -> out.write(content.toByteArray()));
    }

    /** {@link #write(Bytes)}, for what is written bit by bit. */
    public void write(Writing writing) {
        try {
            if (Files.exists(path) && !Files.isRegularFile(path)) {
                // A pipe or a device, which cannot be replaced.
                try (OutputStream out = Files.newOutputStream(path)) {
                    writing.to(out);
                }
                return;
            }
            Path target = Files.exists(path) ? path.toRealPath() : path.toAbsolutePath();
            Path draft = Files.createTempFile(target.getParent(), ".rollcall", ".part");
            try {
                try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(draft))) {
                    writing.to(out);
                }
                Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(draft);
            }
        } catch (IOException e) {
            throw new UsageException("The file '" + name + "' cannot be written: " + FileProblem.of(e) + ".");
        }
    }

    /** Fills a file. */
    @FunctionalInterface
    public interface Writing {
        /** Writes to {@code out}, which stays open. */
        void to(OutputStream out) throws IOException;
    }
}
