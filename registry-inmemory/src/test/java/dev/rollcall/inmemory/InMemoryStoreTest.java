package dev.rollcall.inmemory;

import static dev.rollcall.kv.Futures.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InMemoryStoreTest {
    private static final Key A = Key.of("/a");

    private final String name = "test-" + UUID.randomUUID();

    @AfterEach
    void drop() {
        InMemoryStore.drop(name);
    }

    @Test
    void namedStoreKeepsItsDataUntilItIsDropped() throws InterruptedException {
        try (KvBackend first = KvBackends.open("inmemory:" + name)) {
            assertThat(first.name()).isEqualTo("inmemory:" + name);
            await(first.put(A, Bytes.EMPTY));
        }
        try (KvBackend second = KvBackends.open("inmemory:" + name + "?timeout=2s")) {
            assertThat(await(second.get(A)).isPresent()).isTrue();
        }
        assertThat(InMemoryStore.drop(name)).isTrue();
        assertThat(InMemoryStore.drop(name)).isFalse();
        try (KvBackend third = KvBackends.open("inmemory:" + name)) {
            assertThat(await(third.get(A)).isPresent()).isFalse();
        }
    }

    @Test
    void registeredStoreIsFoundByUrl() {
        InMemoryStore store =
                InMemoryStore.builder().name(name).time(new ManualTime()).register();
        assertThat(InMemoryStore.named(name)).isSameAs(store);
        assertThatIllegalStateException()
                .isThrownBy(() -> InMemoryStore.builder().name(name).register())
                .withMessageContaining(name);
        assertThat(InMemoryStore.builder().name(name).build()).isNotSameAs(store);
    }

    @Test
    void historyOptionMustAgreeWithTheStore() {
        KvBackends.open("inmemory:" + name + "?history=7").close();
        assertThat(InMemoryStore.named(name).historyLimit()).isEqualTo(7);
        KvBackends.open("inmemory:" + name).close();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KvBackends.open("inmemory:" + name + "?history=8"))
                .withMessageContaining("keeps 7 revisions");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"inmemory:", "inmemory:a/b", "inmemory:a%20b", "inmemory://host", "inmemory://u:secret@h/x"})
    void oddNameIsRefused(String url) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KvBackends.open(url))
                .satisfies(e -> assertThat(e.getMessage()).contains("name").doesNotContain("secret"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"timeot=5s", "history=0", "history=x", "timeout=0s"})
    void wrongOptionIsRefusedByName(String option) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KvBackends.open("inmemory:" + name + "?" + option))
                .withMessageContaining(option.substring(0, option.indexOf('=')));
        assertThat(InMemoryStore.drop(name)).isFalse();
    }

    @Test
    void compactionBeyondTheStoreIsRefused() {
        InMemoryStore store = InMemoryStore.named(name);
        store.compact();
        assertThatIllegalArgumentException().isThrownBy(() -> store.compact(1));
        assertThatIllegalArgumentException().isThrownBy(() -> store.compact(-1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> InMemoryStore.builder().historyLimit(0));
    }
}
