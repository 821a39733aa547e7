package dev.rollcall.kv;

import static java.util.Objects.requireNonNull;

/**
 * A place to list and watch: the root, or any path that could be a {@link Key}.
 *
 * <p>A directory covers what is <em>strictly below</em> it, at any depth: {@code /a/b} covers {@code /a/b/c} and {@code /a/b/c/d}, but
 * neither {@code /a/b} nor {@code /a/bc}. It needs no creation and has no state of its own. It is a type apart from {@code Key} because
 * the root can be listed but never written.
 */
public final class Directory implements Comparable<Directory> {
    /** The directory that covers every key. */
    public static final Directory ROOT = new Directory("");

    /** The path without its trailing slash; empty for the root, so that {@code stem + "/"} starts every key covered. */
    private final String stem;

    private Directory(String stem) {
        this.stem = stem;
    }

    /**
     * Returns the directory with this path; {@code "/"} is the {@linkplain #ROOT root}.
     *
     * @throws IllegalArgumentException if {@code path} is neither {@code "/"} nor valid as a key
     */
    public static Directory of(String path) {
        if (requireNonNull(path, "path").equals("/")) {
            return ROOT;
        }
        Paths.check("directory", path);
        return new Directory(path);
    }

    /** For paths cut from a valid key. */
    static Directory ofValid(String stem) {
        return stem.isEmpty() ? ROOT : new Directory(stem);
    }

    /** The path; {@code "/"} for the root. */
    public String path() {
        return stem.isEmpty() ? "/" : stem;
    }

    /** Whether this is the root. */
    public boolean isRoot() {
        return stem.isEmpty();
    }

    /** Whether {@code key} lies strictly below this directory. */
    public boolean covers(Key key) {
        String path = key.path();
        return path.length() > stem.length() && path.charAt(stem.length()) == '/' && path.startsWith(stem);
    }

    /**
     * The directory that this one is directly in.
     *
     * @throws IllegalStateException if this is the root
     */
    public Directory parent() {
        if (isRoot()) {
            throw new IllegalStateException("The root directory has no parent.");
        }
        return ofValid(stem.substring(0, stem.lastIndexOf('/')));
    }

    /**
     * The key at {@code relativePath}, one or more segments without a leading slash, below this directory.
     *
     * @throws IllegalArgumentException if the result is not a valid key
     */
    public Key key(String relativePath) {
        return Key.of(stem + '/' + requireNonNull(relativePath, "relativePath"));
    }

    /**
     * The directory at {@code relativePath} below this one.
     *
     * @throws IllegalArgumentException if the result is not a valid directory
     */
    public Directory directory(String relativePath) {
        return Directory.of(stem + '/' + requireNonNull(relativePath, "relativePath"));
    }

    /**
     * The path of {@code key} relative to this directory, without a leading slash.
     *
     * @throws IllegalArgumentException if this directory does not cover {@code key}
     */
    public String relativize(Key key) {
        if (!covers(key)) {
            throw new IllegalArgumentException("The key '" + key + "' is not below the directory '" + this + "'.");
        }
        return key.path().substring(stem.length() + 1);
    }

    /**
     * The smallest text that any covered key can start with; the covered keys are those from here (inclusive) to {@link #rangeEnd()}
     * (exclusive), by text as well as by UTF-8 bytes.
     */
    public String rangeStart() {
        return stem + '/';
    }

    /** The smallest text that is greater than every covered key; see {@link #rangeStart()}. */
    public String rangeEnd() {
        return stem + (char) ('/' + 1);
    }

    @Override
    public int compareTo(Directory other) {
        return stem.compareTo(other.stem);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Directory that && stem.equals(that.stem);
    }

    @Override
    public int hashCode() {
        return stem.hashCode();
    }

    /** The path. */
    @Override
    public String toString() {
        return path();
    }
}
