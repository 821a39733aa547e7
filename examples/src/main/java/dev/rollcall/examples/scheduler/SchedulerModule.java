package dev.rollcall.examples.scheduler;

import static java.util.Objects.requireNonNull;

import com.google.inject.AbstractModule;
import dev.rollcall.guice.RegistryModule;
import dev.rollcall.guice.StoreConfig;
import dev.rollcall.registry.NodeCodec;

/** The whole application, on the store that a URL names. Nothing else here knows which that is. */
public final class SchedulerModule extends AbstractModule {
    private final StoreConfig store;
    private final NodeSettings settings;
    private final JobHandler handler;

    /** A process of the scheduler on this store, which does its work so. */
    public SchedulerModule(StoreConfig store, NodeSettings settings, JobHandler handler) {
        this.store = requireNonNull(store, "store");
        this.settings = requireNonNull(settings, "settings");
        this.handler = requireNonNull(handler, "handler");
    }

    @Override
    protected void configure() {
        install(RegistryModule.of(store)
                .registry(WorkerInfo.class, NodeCodec.json(WorkerInfo.class), JobBoard.FLEET)
                .view(WorkerInfo.class, JobBoard.WORKERS)
                .registry(Job.class, JobBoard.CODEC, JobBoard.WORK)
                .view(Job.class, JobBoard.JOBS));
        bind(NodeSettings.class).toInstance(settings);
        bind(JobHandler.class).toInstance(handler);
    }
}
