package dev.rollcall.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.KeyExistsException;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Limits;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Which values are allowed, and that they come back unchanged. */
public interface ValueContract extends Contract {
    @Test
    @Rule("VALUE-1")
    default void valuesOfEverySizeComeBackByteForByte(Kit kit) {
        KvBackend backend = kit.backend();
        RecordingListener listener = kit.watching(backend);
        for (int size : new int[] {0, 1, 2, 255, 4096, 65_536, 100_000, Limits.MAX_VALUE_BYTES}) {
            byte[] bytes = new byte[size];
            kit.random().nextBytes(bytes);
            Bytes value = Bytes.copyOf(bytes);
            kit.await(backend.put(kit.key("size-" + size), value));
            assertThat(kit.await(backend.get(kit.key("size-" + size))).value())
                    .as("a value of %d bytes", size)
                    .contains(value);
        }
        kit.converge(listener, backend);
        assertThat(listener.held().entries().values())
                .extracting(entry -> entry.value().size())
                .contains(0, 1, 2, 255, 4096, 65_536, 100_000, Limits.MAX_VALUE_BYTES);
    }

    @Test
    @Rule("VALUE-1")
    default void everyByteIsAllowedInAValue(Kit kit) {
        KvBackend backend = kit.backend();
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        List<Bytes> values = List.of(
                Bytes.copyOf(all),
                Bytes.copyOf(new byte[] {0}),
                Bytes.copyOf(new byte[] {0, 0, 0}),
                Bytes.copyOf(new byte[] {(byte) 0xff, (byte) 0xfe}),
                Bytes.ofUtf8(" \n\t "),
                Bytes.ofUtf8("null"),
                Bytes.ofUtf8("{}"));
        for (int i = 0; i < values.size(); i++) {
            kit.await(backend.put(kit.key("v" + i), values.get(i)));
        }
        List<Bytes> listed = kit.list(backend, kit.dir()).entries().values().stream()
                .map(KeyValue::value)
                .toList();
        assertThat(listed).isEqualTo(values);
    }

    @Test
    @Rule("VALUE-2")
    default void emptyValueIsPresent(Kit kit) {
        KvBackend backend = kit.backend();
        RecordingListener listener = kit.watching(backend);
        kit.await(backend.create(kit.key("empty"), Bytes.EMPTY));
        assertThat(kit.await(backend.get(kit.key("empty"))).value())
                .as("the value of an entry that was written empty")
                .contains(Bytes.EMPTY);
        kit.failure(backend.create(kit.key("empty"), Bytes.EMPTY), KeyExistsException.class);
        assertThat(kit.list(backend, kit.dir()).entries()).containsOnlyKeys(kit.key("empty"));
        assertThat(kit.await(backend.keys(kit.dir())).keys()).containsExactly(kit.key("empty"));
        kit.awaitHeld(listener, kit.key("empty"), "");
        kit.put(kit.key("empty"), "full");
        kit.await(backend.update(kit.key("empty"), Bytes.EMPTY));
        assertThat(kit.await(backend.get(kit.key("empty"))).isPresent())
                .as("an entry whose value was made empty")
                .isTrue();
    }

    @Test
    @Rule("VALUE-3")
    default void valueThatIsTooLargeIsRefusedAndHarmsNothing(Kit kit) {
        KvBackend backend = kit.backend();
        kit.put(kit.key("before"), "1");
        Bytes tooLarge = Bytes.unsafeWrap(new byte[Limits.MAX_VALUE_BYTES + 1]);
        CompletableFuture<?> inFlight = backend.put(kit.key("beside"), Bytes.ofUtf8("2"));
        RecordingListener listener = kit.watching(backend);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> backend.put(kit.key("large"), tooLarge))
                .withMessageContaining(Integer.toString(Limits.MAX_VALUE_BYTES));
        assertThatIllegalArgumentException().isThrownBy(() -> backend.create(kit.key("large"), tooLarge));
        assertThatIllegalArgumentException().isThrownBy(() -> backend.update(kit.key("before"), tooLarge));
        kit.await(inFlight);
        kit.fence(listener);
        assertThat(kit.read(backend, kit.key("large"))).isNull();
        assertThat(kit.read(backend, kit.key("before"))).isEqualTo("1");
        assertThat(listener.signals().get(0).revision()).isPositive();
    }

    @Test
    @Rule("VALUE-4")
    default void arraysAreNotSharedWithTheStore(Kit kit) {
        KvBackend backend = kit.backend();
        byte[] mine = {1, 2, 3};
        Bytes value = Bytes.copyOf(mine);
        CompletableFuture<?> written = backend.put(kit.key("k"), value);
        Arrays.fill(mine, (byte) 9);
        kit.await(written);
        byte[] read = kit.await(backend.get(kit.key("k"))).value().orElseThrow().toByteArray();
        assertThat(read).containsExactly(1, 2, 3);
        Arrays.fill(read, (byte) 8);
        assertThat(kit.await(backend.get(kit.key("k"))).value().orElseThrow().toByteArray())
                .as("the value, after the array that a read returned was overwritten")
                .containsExactly(1, 2, 3);
        assertThat(value.asByteBuffer().isReadOnly()).isTrue();
    }
}
