package dev.rollcall.registry;

import static dev.rollcall.fuzz.Refusals.SECRET;
import static dev.rollcall.fuzz.Refusals.assertClause;
import static dev.rollcall.fuzz.Refusals.assertKeepsSecret;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.fuzz.FuzzTarget;
import dev.rollcall.kv.Bytes;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Records of applications. */
class JsonRecordFuzzTest extends FuzzTarget {
    enum Colour {
        RED,
        GREEN
    }

    record Part(
            @Nullable String name,
            @Nullable Colour colour,
            @Nullable Part inner) {}

    record Machine(
            @Nullable String name,
            int size,
            @Nullable Double load,
            @Nullable List<String> tags,
            @Nullable Map<String, Integer> counts,
            @Nullable Map<Colour, Part> parts) {
        Machine {
            if (size < 0) {
                throw new IllegalArgumentException("size " + size + " of " + name);
            }
        }
    }

    private static final NodeCodec<Machine> CODEC = NodeCodec.json(Machine.class);

    @Override
    protected List<byte[]> seeds() {
        return texts(
                "{\"name\":\"m\",\"size\":3,\"load\":0.5,\"tags\":[\"a\",\"b\"],\"counts\":{\"x\":1},\"parts\":{\"RED\":{\"name\":\"p\",\"colour\":\"GREEN\","
                        + "\"inner\":{\"name\":\"q\"}}},\"more\":1}",
                "{\"size\":\"" + SECRET + "\"}",
                "{\"size\":-1,\"name\":\"" + SECRET + "\"}",
                "{\"parts\":{\"" + SECRET + "\":{}}}",
                "{\"counts\":{\"" + SECRET + "\":\"x\"}}",
                "{\"counts\":{\"a\\nb\":[]}}",
                "{\"parts\":{\"RED\":{\"colour\":\"" + SECRET + "\"}}}",
                "{\"tags\":[1,{\"" + SECRET + "\":2}]}",
                "null",
                "{\"load\":1e400}",
                "{\"size\":99999999999}",
                "{\"parts\":{\"RED\":" + "{\"inner\":".repeat(70));
    }

    @Override
    protected List<String> words() {
        return List.of(
                "\"size\":", "\"counts\":{", "\"parts\":{", "\"inner\":", "null", "[]", "{}", "1e999", SECRET, "\"\":");
    }

    @Override
    protected void check(byte[] input) {
        Machine machine;
        try {
            machine = CODEC.decode(Bytes.copyOf(input));
        } catch (NodeFormatException e) {
            assertClause(e.getMessage());
            assertKeepsSecret(e);
            return;
        }
        if (machine != null) {
            assertThat(CODEC.decode(CODEC.encode(machine))).isEqualTo(machine);
        }
    }
}
