package dev.rollcall.etcd;

import dev.rollcall.tck.BackendFixture;
import dev.rollcall.tck.KvBackendTck;

/** The whole kit against etcd 3.5. */
class Etcd35TckTest implements KvBackendTck {
    @Override
    public BackendFixture fixture() {
        return new EtcdFixture(EtcdBinary.V3_5);
    }
}
