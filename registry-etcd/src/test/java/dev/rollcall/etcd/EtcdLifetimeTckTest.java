package dev.rollcall.etcd;

import dev.rollcall.tck.BackendFixture;
import dev.rollcall.tck.LifetimeTck;

/** The kit's half about leases and handles, against the etcd that this build is about. */
class EtcdLifetimeTckTest implements LifetimeTck {
    @Override
    public BackendFixture fixture() {
        return new EtcdFixture(EtcdBinary.underTest());
    }
}
