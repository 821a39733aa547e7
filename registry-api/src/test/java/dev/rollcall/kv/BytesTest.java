package dev.rollcall.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class BytesTest {
    @Test
    void sharesNoArrayWithItsCaller() {
        byte[] given = {1, 2, 3};
        Bytes bytes = Bytes.copyOf(given);
        given[0] = 9;
        bytes.toByteArray()[1] = 9;
        assertThat(bytes.toByteArray()).containsExactly(1, 2, 3);
        assertThat(bytes.asByteBuffer().isReadOnly()).isTrue();
        assertThat(bytes.asByteBuffer()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    }

    @Test
    void isComparedByContentAndShownBySize() {
        assertThat(Bytes.ofUtf8("secret")).isEqualTo(Bytes.ofUtf8("secret")).hasSameHashCodeAs(Bytes.ofUtf8("secret"));
        assertThat(Bytes.ofUtf8("secret")).isNotEqualTo(Bytes.ofUtf8("Secret")).hasToString("Bytes[6]");
        assertThat(Bytes.ofUtf8("")).isSameAs(Bytes.EMPTY);
        assertThat(Bytes.EMPTY.isEmpty()).isTrue();
        assertThat(Bytes.ofUtf8("é節").utf8()).isEqualTo("é節");
        assertThat(Bytes.ofUtf8("é節").size()).isEqualTo(5);
    }
}
