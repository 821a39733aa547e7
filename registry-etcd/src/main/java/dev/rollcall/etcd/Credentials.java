package dev.rollcall.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The user and password of a handle. The password is given, or in a file that is read again for each login, so that a changed password needs no new handle.
 * The text form shows no password.
 *
 * <p>Immutable.
 */
final class Credentials {
    private final String user;
    /** Null if it is in the file. */
    private final @Nullable String password;

    private final @Nullable Path file;

    private Credentials(String user, @Nullable String password, @Nullable Path file) {
        this.user = user;
        this.password = password;
        this.file = file;
    }

    /** With a password that stays what it is. */
    static Credentials of(String user, String password) {
        return new Credentials(user, password, null);
    }

    /** With a password that is the first line of {@code file}. */
    static Credentials inFile(String user, Path file) {
        return new Credentials(user, null, file);
    }

    /** The user's name. */
    String user() {
        return user;
    }

    /** Whether the password may change. */
    boolean isInFile() {
        return file != null;
    }

    /**
     * The password as it is now. Blocks if it is in a file.
     *
     * @throws IllegalArgumentException naming the file if it cannot be read, or has no password in its first line
     */
    String password() {
        if (file == null) {
            return password == null ? "" : password;
        }
        String text;
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(unusable("names no file that can be read"));
        }
        try {
            text = Files.readString(file, UTF_8);
        } catch (IOException e) {
            throw new IllegalArgumentException(unusable("names a file that cannot be read as UTF-8 text"), e);
        }
        String line = text.lines().findFirst().orElse("");
        if (line.isEmpty()) {
            throw new IllegalArgumentException(unusable("names a file whose first line is no password"));
        }
        return line;
    }

    private String unusable(String why) {
        return "The option '" + EtcdOptions.PASSWORD_FILE + "' " + why + ": '" + file + "'.";
    }

    @Override
    public String toString() {
        return "Credentials[" + user + "]";
    }
}
