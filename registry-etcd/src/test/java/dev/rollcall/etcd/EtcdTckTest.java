package dev.rollcall.etcd;

import dev.rollcall.tck.BackendFixture;
import dev.rollcall.tck.KvBackendTck;

/** The whole kit against one version of etcd; the build's profile {@code all-servers} runs it once for each. */
class EtcdTckTest implements KvBackendTck {
    @Override
    public BackendFixture fixture() {
        return new EtcdFixture(EtcdBinary.underTest());
    }
}
