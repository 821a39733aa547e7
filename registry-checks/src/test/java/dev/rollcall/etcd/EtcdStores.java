package dev.rollcall.etcd;

import dev.rollcall.tck.TestStore;

/** Stores on the one real etcd of this run, which ends with it. */
public final class EtcdStores {
    private EtcdStores() {}

    private static final class Server {
        static final EtcdFixture FIXTURE = new EtcdFixture(EtcdBinary.V3_5);
    }

    /** An empty store. */
    public static TestStore open() {
        return Server.FIXTURE.newStore();
    }
}
