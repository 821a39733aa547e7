package dev.rollcall.cli.support;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Puts a password into a URL that names only the user. */
final class Password {
    private static final int LONGEST = 64 * 1024;

    private Password() {}

    /** The first line of a file. */
    static String ofFile(String file) {
        String text = ValueInput.readText(file, LONGEST);
        String password = text.lines().findFirst().orElse("");
        if (password.isEmpty()) {
            throw new UsageException("The file '" + file + "' for the password is empty.");
        }
        return password;
    }

    /** The value of a variable. */
    static String ofVariable(String name) {
        String password = System.getenv(name);
        if (password == null || password.isEmpty()) {
            throw new UsageException("The variable '" + name + "' for the password is not set.");
        }
        return password;
    }

    /** Whether a URL has a password in it. */
    static boolean isIn(String url) {
        String user = userOf(url);
        return user != null && user.indexOf(':') >= 0;
    }

    /** Whether a URL has a user without a password. */
    static boolean namesUserOnly(String url) {
        String user = userOf(url);
        return user != null && user.indexOf(':') < 0;
    }

    /**
     * {@code url} with a password for its user.
     *
     * @throws UsageException if it has no user, or a password already
     */
    static String into(String url, String password) {
        String user = userOf(url);
        if (user == null || user.indexOf(':') >= 0) {
            throw new UsageException(
                    user == null
                            ? "A password was given, but the store's URL names no user: write it as in etcd://USER@HOST:PORT/PREFIX."
                            : "A password was given, and the store's URL has one as well; leave one out.");
        }
        int end = url.indexOf("://") + "://".length() + user.length();
        String escaped = URLEncoder.encode(password, StandardCharsets.UTF_8).replace("+", "%20");
        return url.substring(0, end) + ":" + escaped + url.substring(end);
    }

    private static @Nullable String userOf(String url) {
        int start = url.indexOf("://");
        if (start < 0) {
            return null;
        }
        String rest = url.substring(start + "://".length());
        int end = rest.length();
        for (char stop : new char[] {'/', '?'}) {
            int at = rest.indexOf(stop);
            end = at >= 0 && at < end ? at : end;
        }
        int at = rest.lastIndexOf('@', end);
        return at < 0 ? null : rest.substring(0, at);
    }
}
