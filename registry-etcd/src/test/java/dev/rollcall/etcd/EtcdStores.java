package dev.rollcall.etcd;

import dev.rollcall.tck.TestStore;
import java.util.concurrent.atomic.AtomicInteger;

/** Stores on the one real etcd of this run, which ends with it. */
public final class EtcdStores {
    private static final AtomicInteger URLS = new AtomicInteger();

    private EtcdStores() {}

    private static final class Server {
        static final EtcdFixture FIXTURE = new EtcdFixture(EtcdBinary.underTest());
    }

    /** An empty store. */
    public static TestStore open() {
        return Server.FIXTURE.newStore();
    }

    /** The URL of an empty store, for programs that open it themselves, in this process or another. */
    public static String newUrl() {
        return "etcd://" + Server.FIXTURE.address() + "/apps/a" + URLS.incrementAndGet();
    }
}
