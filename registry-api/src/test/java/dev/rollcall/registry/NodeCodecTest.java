package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.rollcall.kv.Bytes;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NullUnmarked
class NodeCodecTest {
    record Worker(String host, int slots) {}

    private final NodeCodec<Worker> codec = NodeCodec.json(Worker.class);

    @Test
    void recordsSurvive() {
        Worker worker = new Worker("h<1>", 3);
        assertThat(codec.encode(worker).utf8()).isEqualTo("{\"host\":\"h<1>\",\"slots\":3}");
        assertThat(codec.decode(codec.encode(worker))).isEqualTo(worker);
    }

    @Test
    void unknownFieldsAreSkippedAndNullIsNoRecord() {
        assertThat(codec.decode(Bytes.ofUtf8("{\"slots\":1,\"new\":{}}"))).isEqualTo(new Worker(null, 1));
        assertThat(codec.decode(Bytes.ofUtf8("null"))).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{} {}", "{\"slots\":\"top-secret\"}", "{\"slots\":1e99}", "5"})
    void whatIsNoRecordIsRefusedWithoutQuotingIt(String json) {
        assertThatExceptionOfType(NodeFormatException.class)
                .isThrownBy(() -> codec.decode(Bytes.ofUtf8(json)))
                .withMessageNotContaining("secret");
    }

    record Secretive(String password) {
        @Override
        public String password() {
            throw new IllegalStateException("hunter2");
        }
    }

    @Test
    void stackTracesQuoteNoValueEither() {
        for (String json :
                new String[] {"{\"slots\":\"top-secret\"}", "{\"slots\":top-secret}", "\"top-secret\"", "{} top-secret"
                }) {
            assertThatExceptionOfType(NodeFormatException.class)
                    .isThrownBy(() -> codec.decode(Bytes.ofUtf8(json)))
                    .withNoCause()
                    .withMessageContaining(" at line 1, column ")
                    .withMessageNotContaining("secret");
        }
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> NodeCodec.json(Secretive.class).encode(new Secretive("hunter2")))
                .withNoCause()
                .withMessageContaining("the field 'password' does not fit")
                .withMessageNotContaining("hunter2");
    }

    record Counts(Map<String, Integer> counts) {}

    @Test
    void keyOfAMapIsPartOfTheValueAndIsNotQuoted() {
        assertThatExceptionOfType(NodeFormatException.class)
                .isThrownBy(
                        () -> NodeCodec.json(Counts.class).decode(Bytes.ofUtf8("{\"counts\":{\"top-secret\":\"x\"}}")))
                .withMessageContaining("the field 'counts.*' does not fit")
                .withMessageNotContaining("secret");
    }

    @Test
    void hostileDepthIsRefused() {
        assertThatExceptionOfType(NodeFormatException.class)
                .isThrownBy(() -> codec.decode(Bytes.ofUtf8("{\"x\":" + "[".repeat(100_000))));
    }

    @Test
    void closingLeavesATidbRecordPaused() {
        NodeStatus departed = NodeCodec.tidbBinlog()
                .departed(NodeStatus.builder("n", "h").alive(true).score(4).build());
        assertThat(departed)
                .isEqualTo(NodeStatus.builder("n", "h")
                        .state(NodeState.PAUSED)
                        .score(4)
                        .build());
    }

    @Test
    void nullsAreRefused() {
        assertThatNullPointerException().isThrownBy(() -> NodeCodec.json(null));
        assertThatNullPointerException().isThrownBy(() -> NodeStatus.builder(null, "h"));
        assertThatNullPointerException().isThrownBy(() -> NodeStatus.builder("n", null));
        assertThatNullPointerException().isThrownBy(() -> NodeLabel.of(null));
    }
}
