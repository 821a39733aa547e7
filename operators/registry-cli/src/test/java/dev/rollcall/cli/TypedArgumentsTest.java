package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.cli.support.UsageException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TypedArgumentsTest {
    private static byte[] commandLine(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void bytesOfUtf8AreReadWhereTheLocaleHasLostThem() {
        String[] lost = {"put", "", "/u", "h\uFFFD\uFFFDllo"};
        byte[] typed = commandLine("java\0-cp\0x\0Main\0put\0\0/u\0h\u00c3\u00a9llo\0");
        assertThat(TypedArguments.of(lost, typed, StandardCharsets.US_ASCII))
                .containsExactly("put", "", "/u", "h\u00e9llo");
    }

    @Test
    void theLocaleComesFirst() {
        String[] read = {"\u00c3\u00a9"};
        assertThat(TypedArguments.of(read, commandLine("java\0\u00c3\u00a9\0"), StandardCharsets.ISO_8859_1))
                .containsExactly("\u00c3\u00a9");
    }

    @Test
    void aTypedReplacementCharacterIsKept() {
        String[] read = {"\uFFFD"};
        assertThat(TypedArguments.of(read, commandLine("java\0\u00ef\u00bf\u00bd\0"), StandardCharsets.UTF_8))
                .containsExactly("\uFFFD");
    }

    @Test
    void whatIsNoTextIsRefused() {
        assertThatThrownBy(() -> TypedArguments.of(
                        new String[] {"a", "\uFFFD"}, commandLine("java\0a\0\u00ff\0"), StandardCharsets.UTF_8))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("Argument 2 is not text");
    }

    @Test
    void whereTheBytesCannotBeKnownAReplacementIsRefused() {
        String[] clean = {"h\u00e9llo"};
        assertThat(TypedArguments.of(clean, new byte[0], StandardCharsets.UTF_8))
                .containsExactly("h\u00e9llo");
        assertThatThrownBy(() -> TypedArguments.of(new String[] {"\uFFFD"}, new byte[0], StandardCharsets.UTF_8))
                .isInstanceOf(UsageException.class);
    }
}
