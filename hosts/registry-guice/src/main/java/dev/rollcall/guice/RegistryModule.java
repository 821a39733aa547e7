package dev.rollcall.guice;

import static java.util.Objects.requireNonNull;

import com.google.inject.AbstractModule;
import com.google.inject.Inject;
import com.google.inject.Injector;
import com.google.inject.Key;
import com.google.inject.Provider;
import com.google.inject.TypeLiteral;
import com.google.inject.name.Names;
import com.google.inject.util.Types;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeLayout;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.NodeView;
import dev.rollcall.registry.ViewOptions;
import java.lang.annotation.Annotation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One store of an application, with its registries and views. Immutable: each method returns another module. Install one for each store.
 *
 * <pre>{@code
 * Injector injector = Guice.createInjector(
 *         RegistryModule.of("etcd://localhost:2379/app")
 *                 .registry(Worker.class, NodeCodec.json(Worker.class), Directory.of("/workers"), NodeLayout.BY_KIND)
 *                 .view(Worker.class, "builders"),
 *         RegistryModule.of("zookeeper://localhost:2181/audit").named("audit"));
 * }</pre>
 *
 * <p>Bound are {@link KvBackend}, {@link NodeRegistry} and {@link StoreHealth} without annotation, or with that of a {@linkplain #named named} store;
 * {@link NodeView} with {@code @Named} and its kind. There is one of each for an injector, opened as {@link StoreConfig#eager()} says and closed by the
 * {@link RegistryLifecycle}, of which there is one for an injector with its children and private modules: a module can be installed in each. Registries are
 * opened on whatever is bound as {@code KvBackend}, so a test that overrides that binding has everything on its own store.
 *
 * <p>What is wrong with a module, its URL above all, is an error of the injector's creation that names the store, and never shows a password.
 */
public final class RegistryModule extends AbstractModule {
    private static final String DEFAULT_NAME = "default";
    private static final Registered<NodeStatus> BUILT_IN = new Registered<>(
            NodeStatus.class, NodeCodec.tidbBinlog(), Directory.of("/tidb-binlog/v1"), NodeLayout.TIDB_BINLOG);

    private final String name;
    private final @Nullable Annotation annotation;
    private final @Nullable Class<? extends Annotation> annotationType;
    private final @Nullable StoreConfig config;
    private final @Nullable String problem;
    private final List<UnaryOperator<KvBackend>> decorators;
    private final List<Registered<?>> registries;
    private final List<Viewed<?>> views;

    private record Registered<T>(Class<T> type, NodeCodec<T> codec, Directory root, NodeLayout layout) {}

    private record Viewed<T>(Class<T> type, String kind, ViewOptions options) {}

    private RegistryModule(
            String name,
            @Nullable Annotation annotation,
            @Nullable Class<? extends Annotation> annotationType,
            @Nullable StoreConfig config,
            @Nullable String problem,
            List<UnaryOperator<KvBackend>> decorators,
            List<Registered<?>> registries,
            List<Viewed<?>> views) {
        this.name = name;
        this.annotation = annotation;
        this.annotationType = annotationType;
        this.config = config;
        this.problem = problem;
        this.decorators = decorators;
        this.registries = registries;
        this.views = views;
    }

    /** The store that a URL names, with the defaults of {@link StoreConfig#of}. A URL that is malformed is reported when the injector is created. */
    public static RegistryModule of(String url) {
        requireNonNull(url, "url");
        try {
            return of(StoreConfig.of(url));
        } catch (IllegalArgumentException e) {
            return new RegistryModule(DEFAULT_NAME, null, null, null, e.getMessage(), List.of(), List.of(), List.of());
        }
    }

    /** The store that is described so. */
    public static RegistryModule of(StoreConfig config) {
        return new RegistryModule(
                DEFAULT_NAME, null, null, requireNonNull(config, "config"), null, List.of(), List.of(), List.of());
    }

    /** This store under a name: everything is bound with {@code @Named(name)}, views with {@code @Named("name/kind")}. */
    public RegistryModule named(String newName) {
        Annotation named = Names.named(newName);
        return new RegistryModule(newName, named, null, config, problem, decorators, registries, views);
    }

    /** This store under a name, and bound with a binding annotation of the application's own; views with {@code @Named("name/kind")} all the same. */
    public RegistryModule named(String newName, Class<? extends Annotation> annotatedWith) {
        requireNonNull(newName, "newName");
        requireNonNull(annotatedWith, "annotatedWith");
        return new RegistryModule(newName, null, annotatedWith, config, problem, decorators, registries, views);
    }

    /**
     * This store, wrapped: to measure it, for instance. What is returned is what is bound, and it closes what it was given. The last that is added is
     * outermost. Called while opening; must not block.
     */
    public RegistryModule decorated(UnaryOperator<KvBackend> decorator) {
        return new RegistryModule(
                name, annotation, annotationType, config, problem, plus(decorators, decorator), registries, views);
    }

    /**
     * This store with a {@code NodeRegistry<T>} of the application's own records. Without any, there is TiDB Binlog's, {@code NodeRegistry<NodeStatus>} at
     * {@code /tidb-binlog/v1}. Things are where {@link NodeLayout#TIDB_BINLOG} says.
     *
     * @see #registry(Class, NodeCodec, Directory, NodeLayout)
     */
    public <T> RegistryModule registry(Class<T> type, NodeCodec<T> codec, Directory root) {
        return registry(type, codec, root, NodeLayout.TIDB_BINLOG);
    }

    /** {@link #registry(Class, NodeCodec, Directory)} with a layout: {@link NodeLayout#BY_KIND} for records that are nobody else's. */
    public <T> RegistryModule registry(Class<T> type, NodeCodec<T> codec, Directory root, NodeLayout layout) {
        Registered<T> added = new Registered<>(
                requireNonNull(type, "type"),
                requireNonNull(codec, "codec"),
                requireNonNull(root, "root"),
                requireNonNull(layout, "layout"));
        return new RegistryModule(
                name, annotation, annotationType, config, problem, decorators, plus(registries, added), views);
    }

    /** This store with a {@code @Named(kind) NodeView<T>} of a kind of its registry of {@code T}. */
    public <T> RegistryModule view(Class<T> type, String kind) {
        return view(type, kind, ViewOptions.defaults());
    }

    /** {@link #view(Class, String)} with options. */
    public <T> RegistryModule view(Class<T> type, String kind, ViewOptions options) {
        Viewed<T> added = new Viewed<>(
                requireNonNull(type, "type"), requireNonNull(kind, "kind"), requireNonNull(options, "options"));
        return new RegistryModule(
                name, annotation, annotationType, config, problem, decorators, registries, plus(views, added));
    }

    private static <E> List<E> plus(List<E> list, E added) {
        List<E> longer = new ArrayList<>(list);
        longer.add(requireNonNull(added, "added"));
        return List.copyOf(longer);
    }

    @Override
    protected void configure() {
        StoreConfig checked = checked();
        if (checked == null) {
            return;
        }
        Resource<KvBackend> backend = new Resource<>("the store '" + name + "'", () -> open(checked));
        Key<KvBackend> store = key(KvBackend.class);
        StoreHealth health = new StoreHealth(name, backend, getProvider(store));
        bind(store).toProvider(backend);
        // It makes itself known to the lifecycle. That has no binding here, since a parent injector may have it
        // already.
        bind(key(StoreHealth.class)).toInstance(health);

        List<Provider<?>> all = new ArrayList<>(List.of(getProvider(store)));
        Map<Class<?>, Registered<?>> byType = new HashMap<>();
        for (Registered<?> registered : registries.isEmpty() ? List.of(BUILT_IN) : registries) {
            byType.put(registered.type(), registered);
            all.add(bindRegistry(registered, checked, health));
        }
        for (Viewed<?> viewed : views) {
            Registered<?> on = byType.get(viewed.type());
            if (on == null) {
                addError(
                        "The view of '%s' in the store '%s' needs a registry of %s; add registry(%s.class, …) to its module.",
                        viewed.kind(),
                        name,
                        viewed.type().getName(),
                        viewed.type().getSimpleName());
            } else if (isKind(on, viewed.kind())) {
                all.add(bindView(viewed));
            }
        }
        if (checked.eager()) {
            requestInjection(new Opening(all));
        }
    }

    /** The settings if they can be used; otherwise it has been reported why not. */
    private @Nullable StoreConfig checked() {
        StoreConfig present = config;
        if (present == null) {
            addError("The store '%s' cannot be used: %s", name, problem);
            return null;
        }
        try {
            KvBackends.check(present.url());
            return present;
        } catch (IllegalArgumentException e) {
            addError("The store '%s' at %s cannot be used: %s", name, present.url(), e.getMessage());
            return null;
        }
    }

    private boolean isKind(Registered<?> on, String kind) {
        try {
            if (on.root().key(kind).path().length() == on.root().path().length() + 1 + kind.length()
                    && kind.indexOf('/') < 0) {
                return true;
            }
            addError("The kind '%s' of a view in the store '%s' must be one path segment.", kind, name);
        } catch (IllegalArgumentException e) {
            addError("The kind '%s' of a view in the store '%s' cannot be used: %s", kind, name, e.getMessage());
        }
        return false;
    }

    private KvBackend open(StoreConfig from) {
        KvBackend outermost = KvBackends.open(from.url());
        try {
            for (UnaryOperator<KvBackend> decorator : decorators) {
                outermost = requireNonNull(decorator.apply(outermost), "what a decorator returned");
            }
            return outermost;
        } catch (RuntimeException | Error e) {
            try {
                outermost.close();
            } catch (RuntimeException | Error closing) {
                e.addSuppressed(closing);
            }
            throw e;
        }
    }

    private <T> Provider<NodeRegistry<T>> bindRegistry(Registered<T> registered, StoreConfig from, StoreHealth health) {
        Provider<KvBackend> store = getProvider(key(KvBackend.class));
        Key<NodeRegistry<T>> bound = registryKey(registered.type());
        String label = "the registry of " + registered.type().getSimpleName() + " in the store '" + name + "'";
        bind(bound)
                .toProvider(new Resource<>(
                        label,
                        () -> NodeRegistry.builder(health.use(store.get()), registered.codec())
                                .root(registered.root())
                                .layout(registered.layout())
                                .requestTimeout(from.requestTimeout())
                                .build()));
        return getProvider(bound);
    }

    private <T> Provider<NodeView<T>> bindView(Viewed<T> viewed) {
        boolean unnamed = annotation == null && annotationType == null;
        Annotation named = Names.named(unnamed ? viewed.kind() : name + "/" + viewed.kind());
        Key<NodeView<T>> bound = Key.get(RegistryModule.<NodeView<T>>of(NodeView.class, viewed.type()), named);
        Provider<NodeRegistry<T>> registry = getProvider(registryKey(viewed.type()));
        String label = "the view of '" + viewed.kind() + "' in the store '" + name + "'";
        bind(bound).toProvider(new Resource<>(label, () -> registry.get().view(viewed.kind(), viewed.options())));
        return getProvider(bound);
    }

    private <T> Key<NodeRegistry<T>> registryKey(Class<T> type) {
        return key(RegistryModule.<NodeRegistry<T>>of(NodeRegistry.class, type));
    }

    private <T> Key<T> key(Class<T> type) {
        return key(TypeLiteral.get(type));
    }

    private <T> Key<T> key(TypeLiteral<T> type) {
        if (annotationType != null) {
            return Key.get(type, annotationType);
        }
        return annotation == null ? Key.get(type) : Key.get(type, annotation);
    }

    /** The caller says what {@code generic<argument>} is. */
    @SuppressWarnings("unchecked")
    private static <G> TypeLiteral<G> of(Class<?> generic, Class<?> argument) {
        return (TypeLiteral<G>) TypeLiteral.get(Types.newParameterizedType(generic, argument));
    }

    /** The store's name and URL, without a secret. */
    @Override
    public String toString() {
        return "RegistryModule[" + name + (config == null ? "" : ", " + config.url()) + "]";
    }

    /** Opens everything while the injector is being created; if that fails, what was opened is closed again, as the host will have nothing to close. */
    private static final class Opening {
        private final List<Provider<?>> all;

        Opening(List<Provider<?>> all) {
            this.all = all;
        }

        @Inject
        void open(RegistryLifecycle lifecycle, Injector injector) {
            if (lifecycle.isClosedFor(injector)) {
                // Another eager store has failed, which fails the injector; that this one cannot be opened any more
                // would only mislead.
                return;
            }
            try {
                all.forEach(Provider::get);
            } catch (RuntimeException | Error e) {
                try {
                    lifecycle.abandon(injector);
                } catch (RuntimeException | Error closing) {
                    e.addSuppressed(closing);
                }
                throw e;
            }
        }
    }
}
