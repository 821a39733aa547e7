package dev.rollcall.etcd;

import dev.rollcall.tck.BackendFixture;
import dev.rollcall.tck.KvBackendTck;

/** The whole kit against etcd 3.6; in a build with the profile {@code all-servers}. */
class Etcd36TckTest implements KvBackendTck {
    @Override
    public BackendFixture fixture() {
        return new EtcdFixture(EtcdBinary.V3_6);
    }
}
