package dev.rollcall.kv;

import static dev.rollcall.fuzz.Refusals.assertSentence;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.fuzz.FuzzTarget;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

class KeyFuzzTest extends FuzzTarget {
    @Override
    protected List<byte[]> seeds() {
        return texts(
                "/tidb-binlog/v1/pumps/host:8250\n/tidb-binlog/v1",
                "/a/b\n/a/bc",
                "/\u7bc0\u9ede/\uFB00\n/\u7bc0",
                "/a.b/...\n/a.b",
                "/x\n/",
                "/" + "k".repeat(510) + "\n/k");
    }

    @Override
    protected List<String> words() {
        return List.of("/", "//", "/.", "/..", "\uFFFD", "\uE000", "\uFFEF", "\u00A0", "0");
    }

    @Override
    protected void check(byte[] input) {
        String[] texts = new String(input, UTF_8).split("\n", 2);
        Key one = key(texts[0]);
        Key other = texts.length > 1 ? key(texts[1]) : null;
        Directory directory = texts.length > 1 ? directory(texts[1]) : Directory.ROOT;
        if (one != null) {
            assertThat(one.toString()).isEqualTo(texts[0]);
            assertThat(Key.of(one.path())).isEqualTo(one);
            assertThat(one.path().getBytes(UTF_8)).hasSizeLessThanOrEqualTo(Limits.MAX_KEY_BYTES);
            assertThat(one.parent().key(one.name())).isEqualTo(one);
            assertThat(Directory.ROOT.covers(one)).isTrue();
        }
        if (one != null && other != null) {
            assertThat(Integer.signum(one.compareTo(other)))
                    .isEqualTo(Integer.signum(Arrays.compareUnsigned(
                            one.path().getBytes(UTF_8), other.path().getBytes(UTF_8))));
        }
        if (one != null && directory != null) {
            boolean inRange = directory.rangeStart().compareTo(one.path()) <= 0
                    && one.path().compareTo(directory.rangeEnd()) < 0;
            assertThat(directory.covers(one)).isEqualTo(inRange);
            if (inRange) {
                assertThat(directory.key(directory.relativize(one))).isEqualTo(one);
            }
        }
    }

    private static @Nullable Key key(String text) {
        Key key = null;
        try {
            key = Key.of(text);
        } catch (IllegalArgumentException e) {
            assertSentence(e);
        }
        Directory directory = directory(text);
        assertThat(directory == null).isEqualTo(key == null && !text.equals("/"));
        return key;
    }

    private static @Nullable Directory directory(String text) {
        try {
            Directory directory = Directory.of(text);
            assertThat(directory.path()).isEqualTo(text);
            return directory;
        } catch (IllegalArgumentException e) {
            assertSentence(e);
            return null;
        }
    }
}
