package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.rollcall.kv.Bytes;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

    @ParameterizedTest
    @CsvSource({
        "online,paused",
        "pausing,paused",
        "closing,offline",
        "paused,paused",
        "offline,offline",
        "odd,odd",
        "'',''"
    })
    void closingLeavesTheStateThatTidbExpects(String before, String after) {
        NodeStatus departed = NodeCodec.tidbBinlog()
                .departed(NodeStatusJson.decode(
                        Bytes.ofUtf8("{\"state\":\"" + before + "\",\"isAlive\":true,\"score\":4,\"x\":[1]}")));
        assertThat(departed.stateText()).isEqualTo(after);
        assertThat(departed.isAlive()).isFalse();
        assertThat(departed.score()).isEqualTo(4);
        assertThat(NodeStatusJson.encode(departed).utf8()).endsWith("\"x\":[1]}");
    }

    record Since(String host, Instant since, Optional<Duration> lease, List<LocalDate> days) {}

    @Test
    void timesAndOptionalsSurvive() {
        NodeCodec<Since> timed = NodeCodec.json(Since.class);
        Since full = new Since(
                "h",
                Instant.parse("2026-11-28T01:02:03.000000004Z"),
                Optional.of(Duration.ofSeconds(90)),
                List.of(LocalDate.of(2026, 2, 28)));
        assertThat(timed.encode(full).utf8())
                .isEqualTo("{\"host\":\"h\",\"since\":\"2026-11-28T01:02:03.000000004Z\",\"lease\":\"PT1M30S\","
                        + "\"days\":[\"2026-02-28\"]}");
        assertThat(timed.decode(timed.encode(full))).isEqualTo(full);
        Since bare = new Since("h", Instant.EPOCH, Optional.empty(), List.of());
        assertThat(timed.decode(timed.encode(bare))).isEqualTo(bare);
        assertThatExceptionOfType(NodeFormatException.class)
                .isThrownBy(() -> timed.decode(Bytes.ofUtf8("{\"since\":\"top-secret\"}")))
                .withMessageContaining("the field 'since' does not fit")
                .withMessageNotContaining("secret");
    }

    record Calendar(Map<LocalDate, Integer> slots, Map<Instant, String> notes) {}

    @Test
    void timesAreKeysAsWell() {
        NodeCodec<Calendar> codec = NodeCodec.json(Calendar.class);
        Calendar full =
                new Calendar(Map.of(LocalDate.of(2026, 2, 28), 3), Map.of(Instant.parse("2026-11-28T01:02:03Z"), "x"));
        assertThat(codec.encode(full).utf8())
                .isEqualTo("{\"slots\":{\"2026-02-28\":3},\"notes\":{\"2026-11-28T01:02:03Z\":\"x\"}}");
        assertThat(codec.decode(codec.encode(full))).isEqualTo(full);
        assertThatExceptionOfType(NodeFormatException.class)
                .isThrownBy(() -> codec.decode(Bytes.ofUtf8("{\"slots\":{\"top-secret\":3}}")))
                .withMessageContaining("slots")
                .withMessageNotContaining("secret");
    }

    record Keyed(Map<Runnable, String> tasks) {}

    record Keyring(List<Keyed> rings) {}

    record Streaming(String host, InputStream input) {}

    record Nested(List<Streaming> inner) {}

    record Incomplete(Runnable task) {}

    static final class Closed {
        public final int x;

        Closed(int x) {
            this.x = x;
        }
    }

    record Lines(Stream<String> lines) {}

    record Late(CompletableFuture<String> name) {}

    record Maybe(Optional<String> name) {}

    /** Written by its getter, and read as if nothing had been written. */
    static final class OnlyGetters {
        public String getHost() {
            return "h";
        }
    }

    @ParameterizedTest
    @ValueSource(classes = {Lines.class, Late.class, OnlyGetters.class})
    void whatCouldBeWrittenButNotReadFailsWhenTheCodecIsBuilt(Class<?> type) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeCodec.json(type))
                .withMessageContaining(type.getSimpleName())
                .withMessageContaining("NodeCodec.of");
    }

    @Test
    void whatCannotWorkFailsWhenTheCodecIsBuilt() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeCodec.json(Streaming.class))
                .withMessageContaining("'input'")
                .withMessageContaining("java.io.InputStream")
                .withMessageContaining("NodeCodec.of");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeCodec.json(Nested.class))
                .withMessageContaining("'inner.input'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeCodec.json(Incomplete.class))
                .withMessageContaining("'task'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeCodec.json(Keyring.class))
                .withMessageContaining("'rings.tasks'")
                .withMessageContaining("java.lang.Runnable")
                .withMessageContaining("key of a map");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeCodec.json(Closed.class))
                .withMessageContaining("Closed");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeCodec.json(Since.class, new JsonMapper()))
                .withMessageContaining("'since'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeCodec.json(Maybe.class, new JsonMapper()))
                .withMessageContaining("'name'");
    }

    @Test
    void mapperOfOnesOwnDecides() {
        JsonMapper mapper = JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.UPPER_CAMEL_CASE)
                .build();
        NodeCodec<Worker> upper = NodeCodec.json(Worker.class, mapper);
        assertThat(upper.encode(new Worker("h", 1)).utf8()).isEqualTo("{\"Host\":\"h\",\"Slots\":1}");
        assertThat(upper.decode(upper.encode(new Worker("h", 1)))).isEqualTo(new Worker("h", 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeCodec.json(Worker.class, "mapper"))
                .withMessageContaining("java.lang.String");
    }

    @Test
    void pairOfFunctionsIsACodec() {
        NodeCodec<Integer> numbers =
                NodeCodec.of(number -> Bytes.ofUtf8(Integer.toString(number)), bytes -> Integer.parseInt(bytes.utf8()));
        assertThat(numbers.decode(numbers.encode(7))).isEqualTo(7);
        assertThat(numbers.isAlive(7)).isTrue();
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> numbers.draining(7))
                .withMessageContaining("NodeCodec.draining");
    }

    @Test
    void nullsAreRefused() {
        assertThatNullPointerException().isThrownBy(() -> NodeCodec.json(null));
        assertThatNullPointerException().isThrownBy(() -> NodeStatus.builder(null, "h"));
        assertThatNullPointerException().isThrownBy(() -> NodeStatus.builder("n", null));
        assertThatNullPointerException().isThrownBy(() -> NodeLabel.of(null));
    }
}
