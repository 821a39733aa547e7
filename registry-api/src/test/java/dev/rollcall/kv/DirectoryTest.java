package dev.rollcall.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DirectoryTest {
    @ParameterizedTest
    @CsvSource({
        "/, /a, true",
        "/, /a/b, true",
        "/a/b, /a/b/c, true",
        "/a/b, /a/b/c/d, true",
        "/a/b, /a/b, false",
        "/a/b, /a/bc, false",
        "/a/v1, /a/v10, false",
        "/a/v1, /a/v10/x, false",
        "/a/b, /a, false",
        "/a/b, /b/a, false"
    })
    void coversWhatIsStrictlyBelow(String directory, String key, boolean covered) {
        assertThat(Directory.of(directory).covers(Key.of(key))).isEqualTo(covered);
    }

    @Test
    void coversExactlyTheRangeOfItsBounds() {
        Directory directory = Directory.of("/a/b");
        Stream.of("/a", "/a/b", "/a/b-", "/a/b/", "/a/b/x", "/a/b/~", "/a/b/\uFFEF", "/a/b0", "/a/bc", "/a/c", "/b")
                .filter(path -> !path.endsWith("/"))
                .map(Key::of)
                .forEach(key -> assertThat(directory.rangeStart().compareTo(key.path()) <= 0
                                && key.path().compareTo(directory.rangeEnd()) < 0)
                        .as("%s in the range", key)
                        .isEqualTo(directory.covers(key)));
    }

    @Test
    void leadsToKeysAndBack() {
        Directory directory = Directory.of("/a");
        assertThat(directory.key("b/c")).isEqualTo(Key.of("/a/b/c"));
        assertThat(directory.directory("b")).isEqualTo(Directory.of("/a/b"));
        assertThat(directory.relativize(Key.of("/a/b/c"))).isEqualTo("b/c");
        assertThat(Directory.ROOT.key("x")).isEqualTo(Key.of("/x"));
        assertThat(Directory.ROOT.relativize(Key.of("/x/y"))).isEqualTo("x/y");
        assertThat(Directory.of("/a").parent()).isSameAs(Directory.ROOT);
    }

    @Test
    void isTheRootForASlashOnly() {
        assertThat(Directory.of("/")).isSameAs(Directory.ROOT);
        assertThat(Directory.ROOT.isRoot()).isTrue();
        assertThat(Directory.ROOT).hasToString("/");
        assertThatIllegalStateException().isThrownBy(Directory.ROOT::parent);
    }

    @Test
    void refusesWhatIsNotAPath() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Directory.of("/a/"))
                .withMessageStartingWith("Not a directory: '/a/'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Directory.of("/a").key("/b"))
                .withMessageContaining("'/a//b'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Directory.of("/a").relativize(Key.of("/ab")))
                .withMessage("The key '/ab' is not below the directory '/a'.");
    }
}
