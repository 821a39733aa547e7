package dev.rollcall.guice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.inject.AbstractModule;
import com.google.inject.BindingAnnotation;
import com.google.inject.CreationException;
import com.google.inject.Guice;
import com.google.inject.Inject;
import com.google.inject.Injector;
import com.google.inject.Key;
import com.google.inject.Module;
import com.google.inject.ProvisionException;
import com.google.inject.Stage;
import com.google.inject.TypeLiteral;
import com.google.inject.name.Named;
import com.google.inject.name.Names;
import com.google.inject.util.Modules;
import dev.rollcall.inmemory.InMemoryStore;
import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeKinds;
import dev.rollcall.registry.NodeLayout;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.NodeView;
import dev.rollcall.registry.ViewOptions;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistryModuleTest {
    private static final Key<NodeRegistry<NodeStatus>> TIDB = Key.get(new TypeLiteral<>() {});
    private static final Key<NodeRegistry<Worker>> WORKERS = Key.get(new TypeLiteral<>() {});
    private static final TypeLiteral<NodeView<Worker>> WORKER_VIEW = new TypeLiteral<>() {};

    private final Stores stores = new Stores();

    @AfterEach
    void dropStores() {
        stores.close();
    }

    @BindingAnnotation
    @Retention(RetentionPolicy.RUNTIME)
    private @interface Audit {}

    private RegistryModule workers(String url) {
        return RegistryModule.of(url)
                .registry(Worker.class, NodeCodec.json(Worker.class), Directory.of("/workers"))
                .view(Worker.class, "builders");
    }

    private static void close(Injector injector) {
        injector.getInstance(RegistryLifecycle.class).close();
    }

    @Test
    void aUrlAloneBindsTheStoreAndTidbsRegistry() throws InterruptedException {
        Injector injector = Guice.createInjector(RegistryModule.of(stores.url("a")));
        NodeRegistry<NodeStatus> registry = injector.getInstance(TIDB);
        assertThat(registry.root()).isEqualTo(Directory.of("/tidb-binlog/v1"));
        assertThat(registry.layout()).isEqualTo(NodeLayout.TIDB_BINLOG);
        assertThat(registry.backend()).isSameAs(injector.getInstance(KvBackend.class));
        registry.updateNode(
                NodeKinds.PUMPS, "p", NodeStatus.builder("p", "p:8250").build());
        assertThat(registry.node(NodeKinds.PUMPS, "p")).isPresent();
        close(injector);
    }

    @Test
    void recordsOfOnesOwnHaveARegistryAndViews() throws InterruptedException {
        StoreConfig config = StoreConfig.of(stores.url("a")).withRequestTimeout(Duration.ofSeconds(30));
        Injector injector = Guice.createInjector(RegistryModule.of(config)
                .registry(Worker.class, NodeCodec.json(Worker.class), Directory.of("/workers"), NodeLayout.BY_KIND)
                .view(Worker.class, "builders")
                .view(Worker.class, "testers", ViewOptions.defaults()));
        NodeRegistry<Worker> registry = injector.getInstance(WORKERS);
        assertThat(registry.layout()).isEqualTo(NodeLayout.BY_KIND);
        NodeView<Worker> builders = injector.getInstance(Key.get(WORKER_VIEW, Names.named("builders")));
        NodeView<Worker> testers = injector.getInstance(Key.get(WORKER_VIEW, Names.named("testers")));
        long revision = registry.updateNode("builders", "b", new Worker("b:1", 4));
        Futures.await(builders.awaitRevision(revision));
        Futures.await(testers.awaitRevision(revision));
        assertThat(builders.nodes())
                .singleElement()
                .satisfies(member -> assertThat(member.value().slots()).isEqualTo(4));
        assertThat(testers.nodes()).isEmpty();
        close(injector);
    }

    /** As an application has it: by constructors, and with no annotation but Guice's. */
    private static final class Application {
        final NodeView<Worker> ours;
        final NodeView<Worker> audited;
        final KvBackend store;
        final KvBackend audit;

        @Inject
        Application(
                @Named("builders") NodeView<Worker> ours,
                @Named("audit/builders") NodeView<Worker> audited,
                KvBackend store,
                @Named("audit") KvBackend audit) {
            this.ours = ours;
            this.audited = audited;
            this.store = store;
            this.audit = audit;
        }
    }

    @Test
    void namedStoresAreApart() throws InterruptedException {
        Injector injector = Guice.createInjector(
                workers(stores.url("a")),
                workers(stores.url("b")).named("audit"),
                RegistryModule.of(stores.url("c")).named("third", Audit.class));
        Application application = injector.getInstance(Application.class);
        KvBackend third = injector.getInstance(Key.get(KvBackend.class, Audit.class));
        assertThat(application.store.name()).endsWith("-a");
        assertThat(application.audit.name()).endsWith("-b");
        assertThat(third.name()).endsWith("-c");
        long revision = injector.getInstance(Key.get(new TypeLiteral<NodeRegistry<Worker>>() {}, Names.named("audit")))
                .updateNode("builders", "b", new Worker("b:1", 4));
        Futures.await(application.audited.awaitRevision(revision));
        assertThat(application.audited.get("b")).isNotNull();
        Futures.await(application.ours.ready());
        assertThat(application.ours.get("b")).isNull();
        assertThat(injector.getInstance(RegistryLifecycle.class).health())
                .extracting(StoreHealth::store)
                .containsExactly("default", "audit", "third");
        assertThat(injector.getInstance(Key.get(StoreHealth.class, Audit.class)).isConnected())
                .isTrue();
        close(injector);
    }

    @Test
    void nothingIsOpenedBeforeItIsAskedForEvenInProduction() {
        AtomicInteger opened = new AtomicInteger();
        Injector injector =
                Guice.createInjector(Stage.PRODUCTION, workers(stores.url("a")).decorated(backend -> {
                    opened.incrementAndGet();
                    return backend;
                }));
        assertThat(opened).hasValue(0);
        NodeView<Worker> view = injector.getInstance(Key.get(WORKER_VIEW, Names.named("builders")));
        assertThat(injector.getInstance(Key.get(WORKER_VIEW, Names.named("builders"))))
                .isSameAs(view);
        assertThat(injector.getInstance(WORKERS)).isSameAs(injector.getInstance(WORKERS));
        assertThat(opened).hasValue(1);
        close(injector);
    }

    @Test
    void eagerStoresAreOpenedWithTheInjector() {
        AtomicInteger opened = new AtomicInteger();
        StoreConfig eager = StoreConfig.of(stores.url("a")).withEager(true);
        Injector injector = Guice.createInjector(RegistryModule.of(eager).decorated(backend -> {
            opened.incrementAndGet();
            return backend;
        }));
        assertThat(opened).hasValue(1);
        assertThat(injector.getInstance(StoreHealth.class).isConnected()).isTrue();
        close(injector);
    }

    @Test
    void oneModuleServesSeveralInjectors() {
        RegistryModule module = workers(stores.url("a"));
        Injector one = Guice.createInjector(module);
        Injector two = Guice.createInjector(module);
        KvBackend backend = two.getInstance(KvBackend.class);
        assertThat(one.getInstance(KvBackend.class)).isNotSameAs(backend);
        close(one);
        assertThat(two.getInstance(StoreHealth.class).isConnected()).isTrue();
        close(two);
    }

    @Test
    void aTestCanPutItsOwnStoreBelowEverything() {
        KvBackend own = InMemoryStore.builder().build().open();
        Module module = Modules.override(workers("inmemory:never-opened"))
                .with(binder -> binder.bind(KvBackend.class).toInstance(own));
        Injector injector = Guice.createInjector(module);
        StoreHealth health = injector.getInstance(StoreHealth.class);
        assertThat(health.isConnected()).isFalse();
        assertThat(injector.getInstance(WORKERS).backend()).isSameAs(own);
        assertThat(health.isConnected()).isTrue();
        assertThat(health.status()).hasValue(own.connection());
        close(injector);
        // It belongs to whoever made it.
        assertThat(own.put(dev.rollcall.kv.Key.of("/k"), Bytes.EMPTY)).succeedsWithin(Duration.ofSeconds(30));
        own.close();
    }

    @ParameterizedTest
    @CsvSource({
        "not-a-url, it must start with a scheme",
        "inmemory:x?timeout=soon, The option 'timeout' must be",
        "inmemory:x?tiemout=5s, Unknown option 'tiemout'",
        "inmemory:no/slash, no/slash",
        "redis://user:s3cret@host/p, No backend for the scheme 'redis'",
        "inmemory://user:s3cret@host/p, has a name and no hosts",
        "inmemory://user:s3cret@host:port/p, must be a number"
    })
    void aUrlThatIsWrongFailsTheInjectorByName(String url, String rule) {
        assertThatThrownBy(() -> Guice.createInjector(RegistryModule.of(url).named("audit")))
                .isInstanceOf(CreationException.class)
                .hasMessageContaining("The store 'audit'")
                .hasMessageContaining(rule)
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void whatShowsSettingsShowsNoSecret() {
        String url = "etcd://user:s3cret@host/p?key=s3cret";
        assertThat(StoreConfig.of(url).toString()).contains("etcd://user").doesNotContain("s3cret");
        assertThat(RegistryModule.of(url).toString()).contains("etcd://user").doesNotContain("s3cret");
    }

    @Test
    void aMissingStoreFailsTheInjectorByName() {
        assertThatThrownBy(() -> Guice.createInjector(workers(stores.url("a")), new AbstractModule() {
                    @Override
                    protected void configure() {
                        bind(Application.class);
                    }
                }))
                .isInstanceOf(CreationException.class)
                .hasMessageContaining("audit/builders")
                .hasMessageContaining("NodeView<Worker>")
                .hasMessageContaining("KvBackend annotated with @Named(\"audit\")");
    }

    @Test
    void aViewWithoutItsRegistryFailsTheInjectorByName() {
        assertThatThrownBy(() ->
                        Guice.createInjector(RegistryModule.of(stores.url("a")).view(Worker.class, "builders")))
                .isInstanceOf(CreationException.class)
                .hasMessageContaining("The view of 'builders' in the store 'default' needs a registry of")
                .hasMessageContaining("Worker");
    }

    @ParameterizedTest
    @CsvSource({"a/b", "''", ".."})
    void aKindThatIsNoneFailsTheInjectorByName(String kind) {
        assertThatThrownBy(() -> Guice.createInjector(workers(stores.url("a")).view(Worker.class, kind)))
                .isInstanceOf(CreationException.class)
                .hasMessageContaining("The kind '" + kind + "' of a view in the store 'default'");
    }

    @Test
    void theSameStoreTwiceFailsTheInjectorByName() {
        assertThatThrownBy(() ->
                        Guice.createInjector(RegistryModule.of(stores.url("a")), RegistryModule.of(stores.url("b"))))
                .isInstanceOf(CreationException.class)
                .hasMessageContaining("KvBackend");
    }

    @Test
    void aRequestTimeoutThatIsNoneIsRefused() {
        StoreConfig config = new StoreConfig(BackendUrl.parse("inmemory:x"), Duration.ofSeconds(1), false);
        assertThatThrownBy(() -> config.withRequestTimeout(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT0S");
        assertThatThrownBy(() -> config.withRequestTimeout(Duration.ofDays(366)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatCannotBeOpenedSaysWhichStoreAndMayBeTriedAgain() {
        AtomicInteger tries = new AtomicInteger();
        Injector injector = Guice.createInjector(RegistryModule.of(stores.url("a"))
                .decorated(stores.noted("a", false))
                .decorated(backend -> {
                    if (tries.incrementAndGet() == 1) {
                        throw new IllegalStateException("not yet");
                    }
                    return backend;
                }));
        assertThatThrownBy(() -> injector.getInstance(KvBackend.class))
                .isInstanceOf(ProvisionException.class)
                .hasRootCauseMessage("not yet");
        StoreHealth health = injector.getInstance(StoreHealth.class);
        assertThat(health.isConnected()).isFalse();
        assertThat(health.lastError())
                .hasValueSatisfying(error -> assertThat(error).hasMessage("not yet"));
        assertThat(injector.getInstance(KvBackend.class)).isNotNull();
        assertThat(health.isConnected()).isTrue();
        close(injector);
    }
}
