package dev.rollcall.kv;

import static java.util.Objects.requireNonNull;

/**
 * The name of an entry: an absolute path of non-empty segments such as {@code /tidb-binlog/v1/pumps/host:8250}.
 *
 * <p>What is a key on one backend is a key on all of them. Refused are: empty segments, {@code .} and {@code ..} as segments, a
 * trailing slash, control characters (U+0000–001F, 007F–009F), surrogates and private use (U+D800–F8FF), U+FFF0–FFFF, and more than
 * {@value Limits#MAX_KEY_BYTES} bytes of UTF-8. Keys are ordered by their text, which is also the unsigned order of their UTF-8 bytes.
 *
 * <p>A key may have a value and keys below it at the same time; see {@link Directory} for "below".
 */
public final class Key implements Comparable<Key> {
    private final String path;

    private Key(String path) {
        this.path = path;
    }

    /**
     * Returns the key with this path.
     *
     * @throws IllegalArgumentException if {@code path} is not a valid key; the message names the path and the rule
     */
    public static Key of(String path) {
        Paths.check("key", requireNonNull(path, "path"));
        return new Key(path);
    }

    /** The whole path, starting with a slash. */
    public String path() {
        return path;
    }

    /** The last segment. */
    public String name() {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** The directory that this key is directly in. */
    public Directory parent() {
        return Directory.ofValid(path.substring(0, path.lastIndexOf('/')));
    }

    /** The directory of the keys strictly below this one. */
    public Directory asDirectory() {
        return Directory.ofValid(path);
    }

    @Override
    public int compareTo(Key other) {
        return path.compareTo(other.path);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Key that && path.equals(that.path);
    }

    @Override
    public int hashCode() {
        return path.hashCode();
    }

    /** The path. */
    @Override
    public String toString() {
        return path;
    }
}
