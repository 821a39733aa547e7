package dev.rollcall.cli;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Keeps the passwords of URLs out of messages that quote the command line. */
final class Secrets {
    /** A URL that may hold a user, a password or options, alone or as the value of an option. */
    private static final Pattern URL =
            Pattern.compile("(?:-[^=]*=|-\\w)?(\\p{Alpha}[\\p{Alnum}+.-]*:(?://)?)(.*[@?].*)", Pattern.DOTALL);

    /** Options of other tools whose value is or holds a password. */
    private static final Set<String> LOGINS = Set.of("--user", "--password", "--token", "--auth");

    private Secrets() {}

    /** {@code message} with {@code ***} for all but the scheme of each URL among {@code args} that may hold a password. */
    static String hiddenIn(String message, String... args) {
        String safe = message;
        for (int i = 0; i < args.length; i++) {
            String arg = args[i];
            String name = arg.split("=", 2)[0];
            if (LOGINS.contains(name)) {
                safe = arg.contains("=")
                        ? safe.replace(arg, name + "=***")
                        : i + 1 < args.length ? safe.replace("'" + args[i + 1] + "'", "'***'") : safe;
            }
            Matcher url = URL.matcher(arg);
            if (url.matches()) {
                safe = safe.replace(url.group(1) + url.group(2), url.group(1) + "***");
            }
        }
        return safe;
    }
}
