package dev.rollcall.guice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.inject.AbstractModule;
import com.google.inject.Binder;
import com.google.inject.CreationException;
import com.google.inject.Guice;
import com.google.inject.Inject;
import com.google.inject.Injector;
import com.google.inject.Key;
import com.google.inject.Module;
import com.google.inject.PrivateModule;
import com.google.inject.TypeLiteral;
import com.google.inject.name.Names;
import com.google.inject.util.Modules;
import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Stores in child injectors and private modules, and injectors that are not finished. */
class NestedInjectorsTest {
    private static final Key<KvBackend> SECOND = Key.get(KvBackend.class, Names.named("second"));

    private final Stores stores = new Stores();

    @AfterEach
    void dropStores() {
        stores.close();
    }

    private RegistryModule store(String name) {
        return RegistryModule.of(stores.url(name)).decorated(stores.noted(name, false));
    }

    private RegistryModule eager(String name) {
        return RegistryModule.of(StoreConfig.of(stores.url(name)).withEager(true))
                .named(name)
                .decorated(stores.noted(name, false));
    }

    /** A part of an application with a store of its own, which the rest knows by another key. */
    private Module part(String name) {
        return new PrivateModule() {
            @Override
            protected void configure() {
                install(store(name));
                Key<KvBackend> outside = Key.get(KvBackend.class, Names.named(name));
                bind(outside).to(KvBackend.class);
                expose(outside);
            }
        };
    }

    @Test
    void aChildHasASecondStoreThatTheOneLifecycleCloses() {
        Injector parent = Guice.createInjector(store("first"));
        Injector child = parent.createChildInjector(store("second").named("second"));
        child.getInstance(SECOND);
        parent.getInstance(KvBackend.class);
        RegistryLifecycle lifecycle = child.getInstance(RegistryLifecycle.class);
        assertThat(parent.getInstance(RegistryLifecycle.class)).isSameAs(lifecycle);
        assertThat(lifecycle.health()).extracting(StoreHealth::store).containsExactly("default", "second");
        lifecycle.close();
        assertThat(stores.closed).containsExactly("first", "second");
    }

    @Test
    void aChildAloneHasStores() {
        Injector child = Guice.createInjector().createChildInjector(store("only"));
        child.getInstance(KvBackend.class);
        child.getInstance(RegistryLifecycle.class).close();
        assertThat(stores.closed).containsExactly("only");
    }

    @Test
    void privateModulesHaveStoresThatTheOneLifecycleCloses() {
        Injector injector = Guice.createInjector(store("app").named("app"), part("one"), part("two"));
        injector.getInstance(Key.get(KvBackend.class, Names.named("one")));
        injector.getInstance(Key.get(KvBackend.class, Names.named("two")));
        injector.getInstance(Key.get(KvBackend.class, Names.named("app")));
        RegistryLifecycle lifecycle = injector.getInstance(RegistryLifecycle.class);
        assertThat(lifecycle.health()).hasSize(3).allMatch(StoreHealth::isConnected);
        lifecycle.close();
        assertThat(stores.closed).containsExactly("app", "two", "one");
    }

    /** Fails while the injector is created, once it has its store. */
    private static final class Broken {
        @Inject
        Broken(KvBackend store) {
            throw new IllegalStateException("broken beside " + store.name());
        }
    }

    private static final Module BREAKS = new AbstractModule() {
        @Override
        protected void configure() {
            bind(Broken.class).asEagerSingleton();
        }
    };

    @Test
    void whatAnUnfinishedInjectorHasOpenedIsClosedByALifecycleThatWasThereBefore() {
        try (RegistryLifecycle lifecycle = RegistryLifecycle.create()) {
            Module module = lifecycle.module();
            assertThatThrownBy(() -> Guice.createInjector(module, store("lazy"), eager("eager"), BREAKS))
                    .isInstanceOf(CreationException.class)
                    .hasMessageContaining("broken beside");
            assertThat(stores.closed).isEmpty();
        }
        assertThat(stores.closed).containsExactly("lazy", "eager");
    }

    @Test
    void aLifecycleThatWasThereBeforeIsTheInjectors() {
        try (RegistryLifecycle lifecycle = RegistryLifecycle.create()) {
            Injector injector = Guice.createInjector(Binder::requireExplicitBindings, store("a"), lifecycle.module());
            assertThat(injector.getInstance(RegistryLifecycle.class)).isSameAs(lifecycle);
            injector.getInstance(KvBackend.class);
            injector.createChildInjector(store("b").named("second")).getInstance(SECOND);
        }
        assertThat(stores.closed).containsExactly("b", "a");
    }

    @Test
    void aChildThatCannotBeCreatedTakesNothingFromItsParent() {
        Injector parent = Guice.createInjector(store("first"));
        parent.getInstance(KvBackend.class);
        assertThatThrownBy(() ->
                        parent.createChildInjector(eager("fine"), eager("bad").decorated(backend -> {
                            throw new IllegalStateException("not today");
                        })))
                .isInstanceOf(CreationException.class)
                .hasMessageContaining("not today")
                .hasMessageNotContaining("cannot be opened any more");
        assertThat(stores.closed).containsExactly("bad", "fine");
        assertThat(parent.getInstance(RegistryLifecycle.class).health())
                .extracting(StoreHealth::store)
                .containsExactly("default");
        assertThat(parent.getInstance(StoreHealth.class).isConnected()).isTrue();
        parent.createChildInjector(eager("fine"));
        parent.getInstance(RegistryLifecycle.class).close();
        assertThat(stores.closed).containsExactly("bad", "fine", "fine", "first");
    }

    @Test
    void readinessOpensWhatItAsksAbout() {
        Injector injector = Guice.createInjector(store("a"));
        RegistryLifecycle lifecycle = injector.getInstance(RegistryLifecycle.class);
        assertThat(lifecycle.health()).noneMatch(StoreHealth::isConnected);
        assertThat(lifecycle.health()).allMatch(StoreHealth::isReady).allMatch(StoreHealth::isConnected);
        lifecycle.close();
        assertThat(stores.closed).containsExactly("a");
        assertThat(lifecycle.health()).noneMatch(StoreHealth::isReady);
    }

    @Test
    void readinessIsFalseForWhatCannotBeOpened() {
        Injector injector = Guice.createInjector(store("a").decorated(backend -> {
            throw new IllegalStateException("not today");
        }));
        StoreHealth health = injector.getInstance(StoreHealth.class);
        assertThat(health.isReady()).isFalse();
        assertThat(health.lastError())
                .hasValueSatisfying(error -> assertThat(error).hasMessage("not today"));
        RegistryLifecycle lifecycle = injector.getInstance(RegistryLifecycle.class);
        lifecycle.close();
        assertThat(health.isReady()).isFalse();
    }

    @Test
    void readinessIsFalseForAClientWithoutItsJar() {
        Injector injector = Guice.createInjector(store("a").decorated(backend -> {
            throw new NoClassDefFoundError("some/driver/Client");
        }));
        StoreHealth health = injector.getInstance(StoreHealth.class);
        assertThat(health.isReady()).isFalse();
        assertThat(health.lastError())
                .hasValueSatisfying(error -> assertThat(error).hasMessage("some/driver/Client"));
    }

    @Test
    void readinessIsAboutTheStoreThatATestHasPutInPlace() {
        InMemoryBackend ours = (InMemoryBackend) KvBackends.open(stores.url("ours"));
        Injector injector = Guice.createInjector(Modules.override(store("theirs"))
                .with(binder -> binder.bind(KvBackend.class).toInstance(ours)));
        StoreHealth health = injector.getInstance(StoreHealth.class);
        assertThat(health.isReady()).isTrue();
        ours.faults().disconnect();
        assertThat(health.isReady()).isFalse();
        assertThat(health.status())
                .hasValueSatisfying(status -> assertThat(status.state()).isEqualTo(ConnectionState.DISCONNECTED));
        injector.getInstance(Key.get(new TypeLiteral<NodeRegistry<NodeStatus>>() {}));
        injector.getInstance(RegistryLifecycle.class).close();
        ours.close();
        assertThat(stores.closed).isEmpty();
    }
}
