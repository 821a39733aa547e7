package dev.rollcall.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** The files of the page, from our own jar. */
/* Concurrency: files is a concurrent map of immutable values. */
final class PageFiles {
    /** Nothing that could lead out of the directory. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+(?:[./][A-Za-z0-9_-]+)*");

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml");

    private final Map<String, Optional<PageFile>> files = new ConcurrentHashMap<>();

    /** A file, with a tag that differs when its bytes do. */
    record PageFile(String type, String tag, byte[] bytes) {
        ByteBuffer buffer() {
            return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
        }
    }

    /** The file of this name, without a leading slash; the page itself for an empty one. */
    Optional<PageFile> find(String name) {
        String file = name.isEmpty() ? "index.html" : name;
        if (!NAME.matcher(file).matches()) {
            return Optional.empty();
        }
        String type = TYPES.get(file.substring(file.lastIndexOf('.') + 1));
        Optional<PageFile> known = files.get(file);
        if (known != null || type == null) {
            return known == null ? Optional.empty() : known;
        }
        Optional<PageFile> read = read(file, type);
        // What is not there is not remembered: names are for the asker to invent.
        if (read.isPresent()) {
            files.put(file, read);
        }
        return read;
    }

    private static Optional<PageFile> read(String file, String type) {
        try (InputStream in = PageFiles.class.getResourceAsStream("page/" + file)) {
            if (in == null) {
                return Optional.empty();
            }
            byte[] bytes = in.readAllBytes();
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
            String tag = '"' + HexFormat.of().formatHex(hash, 0, 12) + '"';
            return Optional.of(new PageFile(type, tag, bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
