package dev.rollcall.kv;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.net.URLDecoder;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The address of a store.
 *
 * <pre>
 * scheme://[user[:password]@]host[:port][,host[:port]…][/path][?option=value[&amp;option=value…]]
 * scheme:name[?option=value…]
 * </pre>
 *
 * <p>User, password, name, path and option values may be percent-encoded. An IPv6 host stands in brackets. {@link #toString()} shows
 * neither the password nor any option value, so that an instance may be logged.
 *
 * <p>Options are read through {@link #option}, {@link #duration} and their kin; a provider then calls {@link #rejectOtherOptions}, so that
 * a misspelt option is an error and never silently ignored.
 */
public final class BackendUrl {
    private static final Pattern SCHEME = Pattern.compile("[a-z][a-z0-9+.-]*");
    /** Longer times overflow a count of nanoseconds sooner or later, and mean nothing. */
    private static final Duration LONGEST = Duration.ofDays(365);

    /** A host that cannot be a user and a password by mistake. */
    private static final Pattern HARMLESS_HOST = Pattern.compile("(\\[[^@%\\]]*\\]?|[^@%:\\[]*)(:\\d{0,5})?");

    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

    private final String scheme;
    private final @Nullable String user;
    private final @Nullable String password;
    private final List<String> hosts;
    private final String path;
    private final Map<String, String> options;

    private BackendUrl(
            String scheme,
            @Nullable String user,
            @Nullable String password,
            List<String> hosts,
            String path,
            Map<String, String> options) {
        this.scheme = scheme;
        this.user = user;
        this.password = password;
        this.hosts = List.copyOf(hosts);
        this.path = path;
        this.options = Map.copyOf(options);
    }

    /**
     * Parses a URL.
     *
     * @throws IllegalArgumentException if it is malformed; the message says where, and shows the URL without password and options
     */
    public static BackendUrl parse(String url) {
        return new Parser(requireNonNull(url, "url")).parse();
    }

    /** The scheme, in lower case. */
    public String scheme() {
        return scheme;
    }

    /** The user name, or empty. */
    public Optional<String> user() {
        return Optional.ofNullable(user);
    }

    /** The password, or empty. */
    public Optional<String> password() {
        return Optional.ofNullable(password);
    }

    /** The members of the store as {@code host} or {@code host:port}; empty in the form without {@code //}. */
    public List<String> hosts() {
        return hosts;
    }

    /** What follows the hosts, with its leading slash, or empty; in the form without {@code //} the name. */
    public String path() {
        return path;
    }

    /** The value of an option, or empty. */
    public Optional<String> option(String name) {
        return Optional.ofNullable(options.get(name));
    }

    /**
     * The value of an option that is a duration: {@code 500ms}, {@code 5s}, {@code 2m}, {@code 1h} or ISO 8601 ({@code PT5S}).
     *
     * @throws IllegalArgumentException if it is not one, or not positive
     */
    public Duration duration(String name, Duration absent) {
        String value = options.get(name);
        if (value == null) {
            return absent;
        }
        Duration duration = parseDuration(name, value);
        if (duration.isZero() || duration.isNegative() || duration.compareTo(LONGEST) > 0) {
            throw badOption(name, value, "a positive duration of at most 365 days");
        }
        return duration;
    }

    /**
     * The value of an option that is a whole number.
     *
     * @throws IllegalArgumentException if it is not one, or not between {@code least} and {@code most}
     */
    public int integer(String name, int absent, int least, int most) {
        String value = options.get(name);
        if (value == null) {
            return absent;
        }
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Falls through to the one message below.
        }
        throw badOption(name, value, "a whole number from " + least + " to " + most);
    }

    /**
     * The value of an option that is {@code true} or {@code false}.
     *
     * @throws IllegalArgumentException if it is neither
     */
    public boolean flag(String name, boolean absent) {
        String value = options.get(name);
        if (value == null) {
            return absent;
        }
        if (value.equals("true") || value.equals("false")) {
            return Boolean.parseBoolean(value);
        }
        throw badOption(name, value, "true or false");
    }

    /**
     * The value of an option that names a file, or empty. Whether there is such a file is not looked at.
     *
     * @throws IllegalArgumentException if no file can have this name, or it has control characters
     */
    public Optional<Path> file(String name) {
        String value = options.get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (value.isEmpty() || value.chars().anyMatch(Character::isISOControl)) {
            throw badOption(name, value, "the name of a file");
        }
        try {
            return Optional.of(Path.of(value));
        } catch (InvalidPathException e) {
            throw badOption(name, value, "the name of a file");
        }
    }

    /**
     * Refuses options that nobody reads.
     *
     * @param known the names of all options that the provider understands
     * @throws IllegalArgumentException naming the first option that is not known, and those that are
     */
    public void rejectOtherOptions(Set<String> known) {
        for (String name : new TreeSet<>(options.keySet())) {
            if (!known.contains(name)) {
                throw new IllegalArgumentException("Unknown option '" + Printable.text(name) + "' for " + scheme
                        + ". Known options: " + String.join(", ", new TreeSet<>(known)) + ".");
            }
        }
    }

    private static Duration parseDuration(String name, String value) {
        Matcher matcher = DURATION.matcher(value);
        if (matcher.matches()) {
            long amount = Long.parseLong(matcher.group(1));
            switch (matcher.group(2)) {
                case "ms":
                    return Duration.ofMillis(amount);
                case "s":
                    return Duration.ofSeconds(amount);
                case "m":
                    return Duration.ofMinutes(amount);
                default:
                    return Duration.ofHours(amount);
            }
        }
        try {
            return Duration.parse(value);
        } catch (DateTimeParseException e) {
            throw badOption(name, value, "a duration such as 500ms, 5s, 2m or PT5S");
        }
    }

    private static IllegalArgumentException badOption(String name, String value, String expected) {
        return new IllegalArgumentException(
                "The option '" + name + "' must be " + expected + ", but it is '" + Printable.text(value) + "'.");
    }

    /** This URL with another value for an option, or with the option if it was not there. */
    public BackendUrl withOption(String name, String value) {
        Map<String, String> changed = new LinkedHashMap<>(options);
        changed.put(requireNonNull(name, "name"), requireNonNull(value, "value"));
        return new BackendUrl(scheme, user, password, hosts, path, changed);
    }

    /** The URL without its password and without option values. */
    @Override
    public String toString() {
        StringBuilder shown = new StringBuilder(scheme).append(':');
        if (!hosts.isEmpty()) {
            shown.append("//");
            if (user != null) {
                shown.append(Printable.text(user)).append(password == null ? "@" : ":***@");
            }
            shown.append(String.join(",", hosts));
        }
        return shown.append(Printable.text(path)).toString();
    }

    /** One parse. Messages quote only what cannot hold a secret. */
    private static final class Parser {
        private final String url;

        Parser(String url) {
            this.url = url;
        }

        BackendUrl parse() {
            int colon = url.indexOf(':');
            String scheme = colon < 0 ? "" : url.substring(0, colon).toLowerCase(Locale.ROOT);
            if (!SCHEME.matcher(scheme).matches()) {
                throw malformed(
                        "it must start with a scheme and a colon, such as 'inmemory:name' or 'etcd://host:2379/prefix'");
            }
            String rest = url.substring(colon + 1);
            if (rest.indexOf('#') >= 0) {
                throw malformed("'#' must be written as %23");
            }
            int question = rest.indexOf('?');
            checkAt(rest);
            Map<String, String> options = question < 0 ? Map.of() : parseOptions(rest.substring(question + 1));
            String place = question < 0 ? rest : rest.substring(0, question);
            if (!place.startsWith("//")) {
                return new BackendUrl(scheme, null, null, List.of(), decode(place, "the name"), options);
            }
            int slash = place.indexOf('/', 2);
            String authority = slash < 0 ? place.substring(2) : place.substring(2, slash);
            String path = slash < 0 ? "" : decode(place.substring(slash), "the path");
            int at = authority.lastIndexOf('@');
            String user = null;
            String password = null;
            if (at >= 0) {
                String credentials = authority.substring(0, at);
                int separator = credentials.indexOf(':');
                user = decode(separator < 0 ? credentials : credentials.substring(0, separator), "the user name");
                password = separator < 0 ? null : decode(credentials.substring(separator + 1), "the password");
                if (user.isEmpty()) {
                    throw malformed("the user name before '@' is empty");
                }
            }
            return new BackendUrl(scheme, user, password, parseHosts(authority.substring(at + 1)), path, options);
        }

        /** An '@' elsewhere means that a password was cut in two: nothing of such a URL may be shown, or used as a host. */
        private void checkAt(String rest) {
            int at = rest.lastIndexOf('@');
            int end = rest.startsWith("//") ? authorityEnd(rest) : 0;
            if (at >= end) {
                throw new IllegalArgumentException(
                        "Not a backend URL: '@' may only stand between user and password and the hosts;"
                                + " write '@' as %40 elsewhere and, in a password, '/' as %2F and '?' as %3F.");
            }
        }

        private static int authorityEnd(String rest) {
            for (int i = 2; i < rest.length(); i++) {
                if (rest.charAt(i) == '/' || rest.charAt(i) == '?') {
                    return i;
                }
            }
            return rest.length();
        }

        private List<String> parseHosts(String text) {
            List<String> hosts = List.of(text.split(",", -1));
            for (String host : hosts) {
                checkHost(host);
            }
            return hosts;
        }

        private void checkHost(String host) {
            int end = host.startsWith("[") ? host.indexOf(']') + 1 : host.indexOf(':');
            if (host.startsWith("[") && end == 0) {
                throw malformed("the host '" + Printable.text(host) + "' lacks its closing bracket");
            }
            String name = end < 0 ? host : host.substring(0, end);
            if (name.isEmpty()
                    || name.equals("[]")
                    || name.chars().anyMatch(c -> c <= ' ' || c == '%' || Character.isISOControl(c))) {
                throw malformed("'" + safeForm(host) + "' is not a host, or a host is missing");
            }
            if (end >= 0 && end < host.length()) {
                String port = host.charAt(end) == ':' ? host.substring(end + 1) : "";
                boolean digits =
                        !port.isEmpty() && port.length() <= 5 && port.chars().allMatch(c -> c >= '0' && c <= '9');
                if (!digits || Integer.parseInt(port) < 1 || Integer.parseInt(port) > 65535) {
                    throw malformed("the port of '" + safeForm(host) + "' must be a number from 1 to 65535;"
                            + " if a user and a password stand here, '@' and a host must follow them");
                }
            }
        }

        private Map<String, String> parseOptions(String query) {
            Map<String, String> options = new LinkedHashMap<>();
            for (String pair : query.split("&", -1)) {
                int equals = pair.indexOf('=');
                if (equals <= 0) {
                    throw malformed("each option must be written name=value");
                }
                String name = decode(pair.substring(0, equals), "an option name");
                if (options.put(name, decode(pair.substring(equals + 1), "the option '" + Printable.text(name) + "'"))
                        != null) {
                    throw malformed("the option '" + Printable.text(name) + "' is given twice");
                }
            }
            return options;
        }

        private String decode(String text, String what) {
            try {
                // URLDecoder is for forms, where '+' is a space; in a URL it is itself.
                return URLDecoder.decode(text.replace("+", "%2B"), UTF_8);
            } catch (IllegalArgumentException e) {
                throw malformed(what + " has a malformed percent escape");
            }
        }

        private IllegalArgumentException malformed(String rule) {
            return new IllegalArgumentException("Not a backend URL: '" + safeForm() + "': " + rule + ".");
        }

        private boolean isHarmless(int slashes) {
            int colon = url.indexOf(':');
            if (slashes != colon + 1) {
                return colon < 0 || url.indexOf(':', colon + 1) < 0;
            }
            String rest = url.substring(colon + 1);
            return Arrays.stream(rest.substring(2, authorityEnd(rest)).split(",", -1))
                    .allMatch(host -> HARMLESS_HOST.matcher(host).matches());
        }

        /** A host, unless it might be a user and a password whose host was forgotten, or whose '@' was written as %40. */
        private static String safeForm(String host) {
            if (HARMLESS_HOST.matcher(host).matches()) {
                return Printable.text(host);
            }
            String name = host.substring(0, Math.max(0, host.indexOf(':')));
            return (HARMLESS_HOST.matcher(name).matches() ? Printable.text(name) + ":" : "") + "***";
        }

        /** The text up to its options, with anything that might be a user or a password left out. */
        private String safeForm() {
            int at = url.lastIndexOf('@');
            int firstQuestion = url.indexOf('?');
            if (firstQuestion >= 0 && firstQuestion < at) {
                // Either the '?' is part of a password, or the '@' of an option's value.
                return "***";
            }
            int slashes = url.indexOf("//");
            if (at < 0 && !isHarmless(slashes)) {
                // Whatever follows may be the rest of a password.
                int colon = url.indexOf(':');
                return Printable.text(url.substring(0, slashes == colon + 1 ? slashes + 2 : colon + 1)) + "***";
            }
            String shown =
                    at < 0 ? url : (slashes < 0 ? "" : url.substring(0, slashes + 2)) + "***" + url.substring(at);
            int question = shown.indexOf('?');
            return Printable.text(question < 0 ? shown : shown.substring(0, question) + "?…");
        }
    }
}
