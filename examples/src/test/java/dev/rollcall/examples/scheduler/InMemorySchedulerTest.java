package dev.rollcall.examples.scheduler;

import com.google.inject.Injector;
import dev.rollcall.guice.RegistryLifecycle;
import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.inmemory.InMemoryStore;
import dev.rollcall.kv.KvBackend;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A node lives in this process, and dies by losing its connection for good. */
class InMemorySchedulerTest extends SchedulerSuite {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final String name = "scheduler-test-" + NUMBER.incrementAndGet();

    @AfterEach
    void dropStore() {
        InMemoryStore.drop(name);
    }

    @Override
    String newUrl() {
        return "inmemory:" + name;
    }

    @Override
    RunningNode start(String url, String id, String zone) {
        Injector injector = SchedulerMain.node(url, id, zone);
        SchedulerNode node = injector.getInstance(SchedulerNode.class);
        InMemoryBackend handle = (InMemoryBackend) injector.getInstance(KvBackend.class);
        return new RunningNode() {
            @Override
            public void crash() {
                handle.faults().disconnect();
            }

            @Override
            public void comeBack() {
                handle.faults().reconnect();
            }

            @Override
            public void close() {
                comeBack();
                node.close();
                injector.getInstance(RegistryLifecycle.class).close();
            }
        };
    }

    @Test
    void theDemoRuns() throws InterruptedException {
        SchedulerMain.main(new String[] {newUrl()});
    }
}
