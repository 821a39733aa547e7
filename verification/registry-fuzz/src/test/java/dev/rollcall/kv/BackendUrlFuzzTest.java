package dev.rollcall.kv;

import static dev.rollcall.fuzz.Refusals.SECRET;
import static dev.rollcall.fuzz.Refusals.assertSentence;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.fuzz.FuzzTarget;
import java.net.URLDecoder;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

class BackendUrlFuzzTest extends FuzzTarget {
    @Override
    protected List<byte[]> seeds() {
        return texts(
                "etcd://a,b:1,[::1]:65535/x/y?timeout=2s&batching=false",
                "etcds://me:pa%2Fss@a/x?ca=%2Fca.pem&cert=c&key=k&server-name=n",
                "zookeeper://ann:p@h1:2182,h2/apps/demo?acl=digest:ann:hash:cdrwa,world:anyone:r&sessionTimeout=PT20S",
                "inmemory:name?history=10",
                "inmemory:na%20me%2B+%C3%A9",
                "p\nq\nhost:1/x?timeout=5s",
                "a@b\n/c?d#e\nhost",
                "%41\n%zz\n[::1]",
                "x=1&keyStorePassword\n&y=2");
    }

    @Override
    protected List<String> words() {
        return List.of("://", "//", "@", "%40", "%", "?", "&", "=", "#", "[::1]", ":65536", "%2F", "timeout=", "PT1H");
    }

    @Override
    protected void check(byte[] input) {
        String text = new String(input, UTF_8);
        BackendUrl url = parsed(text);
        if (url != null) {
            assertIsReadBack(url, namesIn(text));
        }
        assertPasswordIsHidden(text);
        assertOptionValuesAreHidden(text);
        assertOptionsAreReadOrRefused(text);
    }

    private static @Nullable BackendUrl parsed(String text) {
        try {
            return BackendUrl.parse(text);
        } catch (IllegalArgumentException e) {
            assertSentence(e);
            return null;
        }
    }

    /** The names of the options, as far as they can be made out; those of a URL that was read are among them. */
    private static Set<String> namesIn(String text) {
        Set<String> names = new LinkedHashSet<>();
        for (String pair : text.substring(text.indexOf('?') + 1).split("&", -1)) {
            int equals = pair.indexOf('=');
            try {
                names.add(
                        URLDecoder.decode(pair.substring(0, Math.max(0, equals)).replace("+", "%2B"), UTF_8));
            } catch (IllegalArgumentException e) {
                names.add("none");
            }
        }
        return names;
    }

    private static void assertIsReadBack(BackendUrl url, Set<String> names) {
        // All names are known, hence all values are compared.
        url.rejectOtherOptions(names);
        BackendUrl again = BackendUrl.parse(written(url, names));
        assertThat(again.scheme()).isEqualTo(url.scheme());
        assertThat(again.user()).isEqualTo(url.user());
        assertThat(again.password()).isEqualTo(url.password());
        assertThat(again.hosts()).isEqualTo(url.hosts());
        assertThat(again.path()).isEqualTo(url.path());
        for (String name : names) {
            assertThat(again.option(name)).isEqualTo(url.option(name));
        }
        again.rejectOtherOptions(names);
        assertThat(again).hasToString(url.toString());
        assertThat(url.toString().chars().filter(Character::isISOControl)).isEmpty();
    }

    private static String written(BackendUrl url, Set<String> names) {
        StringBuilder text = new StringBuilder(url.scheme()).append(':');
        if (!url.hosts().isEmpty()) {
            text.append("//");
            url.user().ifPresent(user -> {
                text.append(encoded(user));
                url.password().ifPresent(password -> text.append(':').append(encoded(password)));
                text.append('@');
            });
            text.append(String.join(",", url.hosts()));
            text.append(encoded(url.path()).replaceFirst("^%2F", "/"));
        } else {
            text.append(encoded(url.path()));
        }
        char separator = '?';
        for (String name : names) {
            if (url.option(name).isPresent()) {
                text.append(separator).append(encoded(name)).append('=');
                text.append(encoded(url.option(name).get()));
                separator = '&';
            }
        }
        return text.toString();
    }

    private static String encoded(String text) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : text.getBytes(UTF_8)) {
            encoded.append(
                    Character.isLetterOrDigit(b)
                            ? String.valueOf((char) b)
                            : String.format(Locale.ROOT, "%%%02X", b & 0xFF));
        }
        return encoded.toString();
    }

    private static void assertPasswordIsHidden(String text) {
        String[] parts = text.split("\n", 3);
        String url = "etcd://me:" + parts[0] + SECRET + (parts.length > 1 ? parts[1] : "") + "@"
                + (parts.length > 2 ? parts[2] : "host/x");
        BackendUrl parsed = parsed(url);
        if (parsed != null) {
            assertThat(parsed.toString()).doesNotContain(SECRET);
        }
    }

    private static void assertOptionValuesAreHidden(String text) {
        String[] parts = text.split("\n", 2);
        BackendUrl parsed = parsed("etcd://host/x?" + parts[0] + "=" + SECRET + (parts.length > 1 ? parts[1] : ""));
        if (parsed != null) {
            assertThat(parsed.toString()).doesNotContain(SECRET);
        }
    }

    private static void assertOptionsAreReadOrRefused(String text) {
        BackendUrl url = BackendUrl.parse("etcd://host").withOption("option", text);
        try {
            assertThat(url.duration("option", Duration.ofSeconds(1)))
                    .isPositive()
                    .isLessThanOrEqualTo(Duration.ofDays(365));
        } catch (IllegalArgumentException e) {
            assertSentence(e);
        }
        try {
            assertThat(url.integer("option", 1, -5, 1_000)).isBetween(-5, 1_000);
        } catch (IllegalArgumentException e) {
            assertSentence(e);
        }
        try {
            assertThat(String.valueOf(url.flag("option", true))).isEqualTo(text);
        } catch (IllegalArgumentException e) {
            assertSentence(e);
        }
        try {
            url.withOption(text, "1").rejectOtherOptions(Set.of("option"));
            assertThat(text).isEqualTo("option");
        } catch (IllegalArgumentException e) {
            assertSentence(e);
        }
    }
}
