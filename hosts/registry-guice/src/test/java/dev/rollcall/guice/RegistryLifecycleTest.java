package dev.rollcall.guice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.inject.CreationException;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Key;
import com.google.inject.TypeLiteral;
import com.google.inject.name.Names;
import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.NodeView;
import dev.rollcall.registry.RegistrationMode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RegistryLifecycleTest {
    private final Stores stores = new Stores();

    @AfterEach
    void dropStores() {
        stores.close();
    }

    private RegistryModule store(String name, boolean fails) {
        RegistryModule module = RegistryModule.of(stores.url(name)).decorated(stores.noted(name, fails));
        return name.equals("default") ? module : module.named(name);
    }

    private static KvBackend open(Injector injector, String name) {
        return injector.getInstance(Key.get(KvBackend.class, Names.named(name)));
    }

    @Test
    void whatWasOpenedIsClosedInReverseOrderAndOnce() {
        Injector injector = Guice.createInjector(store("one", false), store("two", false), store("three", false));
        open(injector, "three");
        open(injector, "one");
        RegistryLifecycle lifecycle = injector.getInstance(RegistryLifecycle.class);
        lifecycle.close();
        // Nobody has asked for the second one.
        assertThat(stores.closed).containsExactly("one", "three");
        lifecycle.close();
        assertThat(stores.closed).containsExactly("one", "three");
    }

    @Test
    void aStoreThatFailsToCloseDoesNotKeepTheOthersOpen() {
        Injector injector = Guice.createInjector(store("one", false), store("two", true), store("three", true));
        List.of("one", "two", "three").forEach(name -> open(injector, name));
        RegistryLifecycle lifecycle = injector.getInstance(RegistryLifecycle.class);
        assertThatThrownBy(lifecycle::close)
                .hasMessage("three fails on purpose")
                .satisfies(failure -> assertThat(failure.getSuppressed())
                        .singleElement()
                        .satisfies(other -> assertThat(other).hasMessage("two fails on purpose")));
        assertThat(stores.closed).containsExactly("three", "two", "one");
        lifecycle.close();
    }

    @Test
    void registriesAreClosedBeforeTheirStoreSoThatTheirNodesGo() throws InterruptedException {
        String url = stores.url("shared");
        Injector leaving = Guice.createInjector(RegistryModule.of(url)
                .registry(Worker.class, NodeCodec.json(Worker.class), Directory.of("/workers"))
                .view(Worker.class, "builders"));
        Injector staying = Guice.createInjector(
                RegistryModule.of(url).registry(Worker.class, NodeCodec.json(Worker.class), Directory.of("/workers")));
        TypeLiteral<NodeRegistry<Worker>> registry = new TypeLiteral<>() {};
        NodeView<Worker> view =
                leaving.getInstance(Key.get(new TypeLiteral<NodeView<Worker>>() {}, Names.named("builders")));
        leaving.getInstance(Key.get(registry))
                .register("builders", "b", new Worker("b:1", 1), RegistrationMode.EPHEMERAL);
        NodeRegistry<Worker> other = staying.getInstance(Key.get(registry));
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(other.node("builders", "b")).isPresent());
        leaving.getInstance(RegistryLifecycle.class).close();
        assertThat(other.node("builders", "b")).isEmpty();
        assertThat(view.failure()).isPresent();
        staying.getInstance(RegistryLifecycle.class).close();
    }

    @Test
    void nothingIsOpenedAfterTheEnd() {
        Injector injector = Guice.createInjector(store("one", false));
        injector.getInstance(RegistryLifecycle.class).close();
        assertThatThrownBy(() -> open(injector, "one"))
                .hasRootCauseInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the store 'one' cannot be opened any more");
        assertThat(stores.closed).isEmpty();
        assertThat(injector.getInstance(RegistryLifecycle.class).health())
                .singleElement()
                .hasToString("one: not opened");
    }

    @Test
    void manyThreadsThatAskAtOnceGetTheSame() throws InterruptedException {
        Injector injector = Guice.createInjector(store("one", false));
        ExecutorService threads = Executors.newFixedThreadPool(8);
        List<CompletableFuture<KvBackend>> asked = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            asked.add(CompletableFuture.supplyAsync(() -> open(injector, "one"), threads));
        }
        assertThat(CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new)))
                .succeedsWithin(Duration.ofSeconds(90));
        assertThat(asked.stream().map(CompletableFuture::join).distinct()).hasSize(1);
        threads.shutdown();
        injector.getInstance(RegistryLifecycle.class).close();
        assertThat(stores.closed).containsExactly("one");
    }

    @Test
    void anEagerStoreThatCannotBeOpenedFailsTheInjectorAndClosesWhatWasOpened() {
        StoreConfig eager = StoreConfig.of(stores.url("good")).withEager(true);
        StoreConfig bad = StoreConfig.of(stores.url("bad")).withEager(true);
        assertThatThrownBy(() -> Guice.createInjector(
                        RegistryModule.of(eager).decorated(stores.noted("good", false)),
                        RegistryModule.of(bad)
                                .named("bad")
                                .decorated(stores.noted("bad", false))
                                .decorated(backend -> {
                                    throw new IllegalStateException("bad cannot be decorated");
                                })))
                .isInstanceOf(CreationException.class)
                .hasMessageContaining("bad cannot be decorated");
        assertThat(stores.closed).containsExactlyInAnyOrder("good", "bad");
    }

    private static KvBackend refuse(KvBackend backend) {
        throw new IllegalStateException(backend.name() + " cannot be decorated");
    }

    @Test
    void anEagerStoreThatFailsIsTheOnlyOneReported() {
        assertThatThrownBy(() -> Guice.createInjector(
                        RegistryModule.of(StoreConfig.of(stores.url("bad")).withEager(true))
                                .decorated(RegistryLifecycleTest::refuse),
                        RegistryModule.of(StoreConfig.of(stores.url("good")).withEager(true))
                                .named("good")))
                .isInstanceOf(CreationException.class)
                .hasMessageContaining("cannot be decorated")
                .hasMessageNotContaining("cannot be opened any more");
    }

    @Test
    void aStoreThatCannotBeClosedEitherStillSaysWhyItCouldNotBeOpened() {
        Injector injector = Guice.createInjector(store("default", true).decorated(RegistryLifecycleTest::refuse));
        assertThatThrownBy(() -> injector.getInstance(KvBackend.class))
                .rootCause()
                .hasMessageContaining("cannot be decorated")
                .hasSuppressedException(new IllegalStateException("default fails on purpose"));
        injector.getInstance(RegistryLifecycle.class).close();
    }

    @Test
    void healthSaysWhetherSinceWhenAndWhatWentWrongLast() {
        List<InMemoryBackend> real = new ArrayList<>();
        Injector injector =
                Guice.createInjector(RegistryModule.of(stores.url("a")).decorated(backend -> {
                    real.add((InMemoryBackend) backend);
                    return backend;
                }));
        StoreHealth health = injector.getInstance(StoreHealth.class);
        assertThat(health.status()).isEmpty();
        assertThat(health.since()).isEmpty();
        assertThat(health.lastError()).isEmpty();
        Instant before = Instant.now();
        injector.getInstance(Key.get(new TypeLiteral<NodeRegistry<NodeStatus>>() {}));
        assertThat(health.isConnected()).isTrue();
        assertThat(health.since()).hasValueSatisfying(since -> assertThat(since).isAfterOrEqualTo(before));
        assertThat(health.lastError()).isEmpty();

        real.get(0).faults().disconnect();
        assertThat(health.isConnected()).isFalse();
        assertThat(health.status())
                .hasValueSatisfying(status -> assertThat(status.state()).isEqualTo(ConnectionState.DISCONNECTED));
        assertThat(health.lastError()).containsInstanceOf(UnavailableException.class);
        assertThat(health.toString()).contains("default: DISCONNECTED since", "last error:");

        real.get(0).faults().reconnect();
        assertThat(health.isConnected()).isTrue();
        assertThat(health.lastError()).containsInstanceOf(UnavailableException.class);

        injector.getInstance(RegistryLifecycle.class).close();
        assertThat(health.isConnected()).isFalse();
        assertThat(health.status())
                .hasValueSatisfying(status -> assertThat(status.state()).isEqualTo(ConnectionState.CLOSED));
    }
}
