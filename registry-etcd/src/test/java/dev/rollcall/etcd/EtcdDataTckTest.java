package dev.rollcall.etcd;

import dev.rollcall.tck.BackendFixture;
import dev.rollcall.tck.DataTck;

/** The kit's half about data, against the etcd that this build is about. */
class EtcdDataTckTest implements DataTck {
    @Override
    public BackendFixture fixture() {
        return new EtcdFixture(EtcdBinary.underTest());
    }
}
