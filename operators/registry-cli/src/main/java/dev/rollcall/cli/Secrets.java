package dev.rollcall.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Keeps the passwords of URLs out of messages that quote the command line. */
final class Secrets {
    /** A URL that may hold a user, a password or options, alone or as the value of an option. */
    private static final Pattern URL =
            Pattern.compile("(?:-[^=]*=|-\\w)?(\\p{Alpha}[\\p{Alnum}+.-]*:(?://)?)(.*[@?].*)", Pattern.DOTALL);

    private Secrets() {}

    /** {@code message} with {@code ***} for all but the scheme of each URL among {@code args} that may hold a password. */
    static String hiddenIn(String message, String... args) {
        String safe = message;
        for (String arg : args) {
            Matcher url = URL.matcher(arg);
            if (url.matches()) {
                safe = safe.replace(url.group(1) + url.group(2), url.group(1) + "***");
            }
        }
        return safe;
    }
}
