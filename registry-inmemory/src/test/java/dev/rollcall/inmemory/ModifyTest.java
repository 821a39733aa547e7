package dev.rollcall.inmemory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyNotFoundException;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What {@link KvBackend#modify} does beside winning. */
class ModifyTest {
    private static final Key KEY = Key.of("/k");

    private final InMemoryStore store = InMemoryStore.builder().build();
    private final KvBackend backend = store.open();

    @AfterEach
    void close() {
        backend.close();
    }

    private String value() throws InterruptedException {
        return Futures.await(backend.get(KEY)).entry().orElseThrow().value().utf8();
    }

    @Test
    void absentKeyIsNotModified() {
        AtomicInteger calls = new AtomicInteger();
        assertThatThrownBy(() -> Futures.await(backend.modify(KEY, value -> {
                    calls.incrementAndGet();
                    return value;
                })))
                .isInstanceOf(KeyNotFoundException.class)
                .hasMessageContaining("modify of '/k'");
        assertThat(calls).hasValue(0);
    }

    @Test
    void leaseStaysAndIsTold() throws InterruptedException {
        Futures.await(
                backend.create(KEY, Bytes.ofUtf8("1"), Futures.await(backend.grantLease(Duration.ofSeconds(10)))));
        KeyValue written = Futures.await(backend.modify(KEY, value -> Bytes.ofUtf8(value.utf8() + "2")));
        assertThat(written.value().utf8()).isEqualTo("12");
        assertThat(written.leased()).isTrue();
        assertThat(Futures.await(backend.get(KEY)).entry()).contains(written);
    }

    @Test
    void whatTheFunctionThrowsIsTheFailureAndNothingIsWritten() throws InterruptedException {
        Futures.await(backend.create(KEY, Bytes.ofUtf8("1")));
        IllegalStateException mine = new IllegalStateException("mine");
        assertThatThrownBy(() -> Futures.await(backend.modify(KEY, value -> {
                    throw mine;
                })))
                .isSameAs(mine);
        assertThatThrownBy(() -> Futures.await(backend.modify(KEY, value -> null)))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("what the change returned");
        assertThat(value()).isEqualTo("1");
    }

    @Test
    void whoAlwaysLosesIsToldHowOften() throws InterruptedException {
        Futures.await(backend.create(KEY, Bytes.ofUtf8("0")));
        AtomicInteger calls = new AtomicInteger();
        CompletableFuture<KeyValue> modification = backend.modify(KEY, value -> {
            backend.put(KEY, Bytes.ofUtf8(Integer.toString(calls.incrementAndGet())))
                    .join();
            return Bytes.ofUtf8("mine");
        });
        assertThatThrownBy(() -> Futures.await(modification))
                .isInstanceOf(KvException.class)
                .hasMessageContaining("others changed the key first, 64 times")
                .hasCauseInstanceOf(ConditionFailedException.class)
                .asInstanceOf(InstanceOfAssertFactories.type(KvException.class))
                .extracting(KvException::outcome)
                .isEqualTo(Outcome.NOT_APPLIED);
        assertThat(value()).isEqualTo("64");
    }

    /** A read in memory is answered at once, so the function is called by whoever begins the attempt. */
    @Test
    void functionNeverStopsTheTimerOfTheJdk() throws InterruptedException {
        Futures.await(backend.create(KEY, Bytes.ofUtf8("0")));
        List<String> threads = new CopyOnWriteArrayList<>();
        Futures.await(backend.modify(KEY, value -> {
            threads.add(Thread.currentThread().getName());
            if (threads.size() == 1) {
                backend.put(KEY, Bytes.ofUtf8("theirs")).join();
            }
            return Bytes.ofUtf8("mine");
        }));
        assertThat(threads).hasSize(2).last().isEqualTo("rollcall-modify");
    }
}
