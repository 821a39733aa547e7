package dev.rollcall.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackendUrlTest {
    @Test
    void readsEveryPart() {
        BackendUrl url =
                BackendUrl.parse("ETCD://us%40er:p%3Aw@h1:2379,[::1]:2380,h3/a/b%20c?timeout=2s&flag=true&n=5");
        assertThat(url.scheme()).isEqualTo("etcd");
        assertThat(url.user()).contains("us@er");
        assertThat(url.password()).contains("p:w");
        assertThat(url.hosts()).containsExactly("h1:2379", "[::1]:2380", "h3");
        assertThat(url.path()).isEqualTo("/a/b c");
        assertThat(url.duration("timeout", Duration.ZERO)).isEqualTo(Duration.ofSeconds(2));
        assertThat(url.flag("flag", false)).isTrue();
        assertThat(url.integer("n", 1, 1, 9)).isEqualTo(5);
        assertThat(url.integer("absent", 1, 1, 9)).isEqualTo(1);
    }

    @Test
    void readsANameWithoutHosts() {
        BackendUrl url = BackendUrl.parse("inmemory:a+b");
        assertThat(url.hosts()).isEmpty();
        assertThat(url.path()).isEqualTo("a+b");
    }

    @ParameterizedTest
    @CsvSource({"500ms, PT0.5S", "5s, PT5S", "2m, PT2M", "1h, PT1H", "PT7S, PT7S"})
    void readsDurations(String text, Duration duration) {
        assertThat(BackendUrl.parse("x:y?t=" + text).duration("t", Duration.ZERO))
                .isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "-5s", "0s", "5 s", "PT0S", "PT-1S", "99999999999s", "999999999h", "PT8761H"})
    void refusesOtherDurations(String text) {
        BackendUrl url = BackendUrl.parse("x:y?t=" + text);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> url.duration("t", Duration.ZERO))
                .withMessageStartingWith("The option 't' must be a");
    }

    @Test
    void refusesNumbersAndFlagsOutOfRange() {
        BackendUrl url = BackendUrl.parse("x:y?n=12&f=yes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> url.integer("n", 1, 1, 9))
                .withMessage("The option 'n' must be a whole number from 1 to 9, but it is '12'.");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> url.flag("f", false))
                .withMessage("The option 'f' must be true or false, but it is 'yes'.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|must start with a scheme",
                "etcd|must start with a scheme",
                "://h|must start with a scheme",
                "1x://h|must start with a scheme",
                "etcd://|a host is missing",
                "etcd:///p|a host is missing",
                "etcd://h,,i|a host is missing",
                "etcd://h:0|must be a number from 1 to 65535",
                "etcd://h:65536|must be a number from 1 to 65535",
                "etcd://h:|must be a number from 1 to 65535",
                "etcd://h:2379x|must be a number from 1 to 65535",
                "etcd://[::1|lacks its closing bracket",
                "etcd://[::1]2379|must be a number",
                "etcd://@h|the user name before '@' is empty",
                "etcd://h/%zz|the path has a malformed percent escape",
                "etcd://h/p#f|'#' must be written as %23",
                "etcd://h?x|each option must be written name=value",
                "etcd://h?=1|each option must be written name=value",
                "etcd://h?|each option must be written name=value",
                "etcd://h?a=1&a=2|the option 'a' is given twice"
            })
    void refusesWhatIsMalformedAndSaysWhere(String url, String rule) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BackendUrl.parse(url))
                .withMessageStartingWith("Not a backend URL: ")
                .withMessageContaining(rule);
    }

    @Test
    void takesAnotherValueForAnOption() {
        BackendUrl url = BackendUrl.parse("etcd://u:p@h/x?timeout=1s&a=b").withOption("timeout", "2s&a=c");
        assertThat(url.option("timeout")).contains("2s&a=c");
        assertThat(url.option("a")).contains("b");
        assertThat(url.password()).contains("p");
    }

    @Test
    void namesAnUnknownOptionAndTheKnownOnes() {
        BackendUrl url = BackendUrl.parse("etcd://h?timeout=1s&timeuot=1s");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> url.rejectOtherOptions(Set.of("timeout", "ca")))
                .withMessage("Unknown option 'timeuot' for etcd. Known options: ca, timeout.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "etcd://root:s3cret@h:2379/p?keyPassword=s3cret",
                "etcd://root:s3cret@h:0/p",
                "etcd://root:s3cret@/p?keyPassword=s3cret",
                "etcd://root:s3c%ret@h/p",
                "etcd:root:s3cret@h#",
                "etcd://root:s3cret?x@h/p?a",
                "etcd://h/p?password=s3cret&password=s3cret",
                "etcd://root:s3c/ret@host:2379",
                "etcd://root:s3c?ret@host:2379",
                "etcd://root:1234/s3cret@host:2379/x",
                "etcd:root:s3cret@host:2379",
                "etcd://root@h/p?x=s3cret@y",
                "etcd://h/p?a@b=s3cret#c",
                "1etcd://h/p?a@b=s3cret",
                "etcd://root:s3cret/p",
                "etcd://root:s3cret",
                "etcd://h1:2379,root:s3cret/p",
                "etcd://root:s3cret%40h:2379/p",
                "etcd://s3cret%40h:2379/p",
                "etcd://root:s3c/ret%40h:2379/p",
                "etcd://root:s3cret:2379/p",
                "etcd://root:x#s3cret",
                "etcd:root:s3cret#x",
                "etcd:root:s3cret//x#",
                "://root:s3cret"
            })
    void neverShowsASecret(String url) {
        String shown;
        try {
            shown = BackendUrl.parse(url).toString();
        } catch (IllegalArgumentException e) {
            shown = e.toString();
        }
        assertThat(shown).doesNotContain("s3c");
    }

    @Test
    void showsTheRest() {
        assertThat(BackendUrl.parse("etcd://root:x@h1,h2:1/p?timeout=1s")).hasToString("etcd://root:***@h1,h2:1/p");
        assertThat(BackendUrl.parse("inmemory:x")).hasToString("inmemory:x");
    }

    @Test
    void hostWithControlCharactersIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BackendUrl.parse("etcd://h\u0085/p"))
                .withMessageContaining("'h\\u0085' is not a host");
    }

    @Test
    void nameOfAnOptionIsShownEscaped() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BackendUrl.parse("etcd://h?a%1Bb=%zz"))
                .withMessageContaining("the option 'a\\u001bb' has a malformed percent escape");
    }

    @Test
    void fileIsReadFromItsOption() {
        BackendUrl url = BackendUrl.parse("etcd://h?ca=%2Fa%20b");
        assertThat(url.file("ca")).contains(Path.of("/a b"));
        assertThat(url.file("cert")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "%00", "a%0Ab", "%1B[2J"})
    void whatNamesNoFileIsRefused(String value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BackendUrl.parse("etcd://h?ca=" + value).file("ca"))
                .withMessageStartingWith("The option 'ca' must be the name of a file, but it is '")
                .withMessageNotContainingAny("\n", "\u0000", "\u001B");
    }

    @Test
    void answersAnyTextWithAUrlOrAClearRefusal() {
        Random random = TestSeed.random("URLs");
        String alphabet = "etcd:/@?&=%,[]#.0129 \u0000\uD800é";
        for (int i = 0; i < 50_000; i++) {
            StringBuilder text = new StringBuilder(random.nextBoolean() ? "etcd://" : "");
            for (int j = random.nextInt(24); j > 0; j--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            try {
                assertThat(BackendUrl.parse(text.toString()).scheme()).isNotEmpty();
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageStartingWith("Not a backend URL: ");
            }
        }
    }
}
