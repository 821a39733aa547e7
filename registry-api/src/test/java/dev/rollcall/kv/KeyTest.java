package dev.rollcall.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/a",
                "/tidb-binlog/v1/pumps/host:8250",
                "/a b",
                "/%2F",
                "/.a",
                "/a.",
                "/...",
                "/é",
                "/節點",
                "/\u200F",
                "/\uFB01",
                "/\uFFEF",
                "/a/.hidden/b"
            })
    void acceptsWhatEveryStoreCanHold(String path) {
        assertThat(Key.of(path).path()).isEqualTo(path);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|must start with '/'",
                "a|must start with '/'",
                "/|must not end with '/'",
                "/a/|must not end with '/'",
                "//a|the segment at index 1 is empty",
                "/a//b|the segment at index 3 is empty",
                "/.|'.' and '..' are not allowed",
                "/a/../b|'.' and '..' are not allowed"
            })
    void refusesWhatIsNotAPathAndSaysWhy(String path, String rule) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Key.of(path))
                .withMessageStartingWith("Not a key: '" + path + "': ")
                .withMessageContaining(rule);
    }

    @Test
    void refusesExactlyTheCharactersOfTheSpec() {
        for (int c = 0; c <= 0xFFFF; c++) {
            if (c == '/' || c == '.') {
                continue;
            }
            boolean refused = c <= 0x1F || (c >= 0x7F && c <= 0x9F) || (c >= 0xD800 && c <= 0xF8FF) || c >= 0xFFF0;
            String path = "/" + (char) c;
            if (refused) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> Key.of(path))
                        .withMessageContaining(String.format("U+%04X at index 1", c));
            } else {
                assertThat(Key.of(path).path()).isEqualTo(path);
            }
        }
    }

    @Test
    void countsItsLengthInBytesOfUtf8() {
        assertThat(Key.of("/" + "a".repeat(511)).path()).hasSize(512);
        assertThat(Key.of("/a" + "節".repeat(170)).path()).hasSize(172);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Key.of("/" + "a".repeat(512)))
                .withMessageContaining("513 bytes")
                .withMessageContaining("512");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Key.of("/aa" + "節".repeat(170)))
                .withMessageContaining("513 bytes");
    }

    @Test
    void showsHostileTextEscapedAndShort() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Key.of("/\u001b[31m" + "x".repeat(5000)))
                .satisfies(e -> assertThat(e.getMessage())
                        .contains("\\u001b")
                        .doesNotContain("\u001b")
                        .hasSizeLessThan(400));
    }

    @Test
    void refusesNull() {
        assertThatNullPointerException().isThrownBy(() -> Key.of(nothing())).withMessage("path");
    }

    @Test
    void ordersAsItsUtf8BytesDo() {
        Random random = TestSeed.random("order of keys");
        String alphabet = "a-/.~é節\uFB01\u0800\u07FFz";
        for (int i = 0; i < 20_000; i++) {
            String left = randomPath(random, alphabet);
            String right = randomPath(random, alphabet);
            int byBytes = Arrays.compareUnsigned(
                    left.getBytes(StandardCharsets.UTF_8), right.getBytes(StandardCharsets.UTF_8));
            assertThat(Integer.signum(Key.of(left).compareTo(Key.of(right)))).isEqualTo(Integer.signum(byBytes));
        }
    }

    @Test
    void knowsItsNameAndItsPlace() {
        Key key = Key.of("/a/b/c");
        assertThat(key.name()).isEqualTo("c");
        assertThat(key.parent()).isEqualTo(Directory.of("/a/b"));
        assertThat(Key.of("/a").parent()).isSameAs(Directory.ROOT);
        assertThat(key.asDirectory().path()).isEqualTo("/a/b/c");
        assertThat(key).hasToString("/a/b/c").isEqualTo(Key.of("/a/b/c")).hasSameHashCodeAs(Key.of("/a/b/c"));
    }

    private static String randomPath(Random random, String alphabet) {
        StringBuilder path = new StringBuilder();
        int segments = 1 + random.nextInt(3);
        for (int i = 0; i < segments; i++) {
            path.append("/x");
            for (int j = random.nextInt(4); j > 0; j--) {
                char c = alphabet.charAt(random.nextInt(alphabet.length()));
                path.append(c == '/' ? 'q' : c);
            }
        }
        return path.toString();
    }

    @SuppressWarnings("NullAway") // A caller without null checks.
    private static String nothing() {
        return null;
    }
}
