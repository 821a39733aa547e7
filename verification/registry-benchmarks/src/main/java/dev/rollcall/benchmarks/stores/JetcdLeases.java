package dev.rollcall.benchmarks.stores;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.support.CloseableClient;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Leases of jetcd's, kept alive by it. */
final class JetcdLeases implements ContenderLeases {
    private static final StreamObserver<LeaseKeepAliveResponse> UNHEARD = new StreamObserver<>() {
        @Override
        public void onNext(LeaseKeepAliveResponse response) {}

        @Override
        public void onError(Throwable thrown) {}

        @Override
        public void onCompleted() {}
    };

    private final Lease client;
    private final Map<Long, CloseableClient> held = new ConcurrentHashMap<>();

    JetcdLeases(Client client) {
        this.client = client.getLeaseClient();
    }

    @Override
    public String name() {
        return "jetcd";
    }

    @Override
    public void grant(int count) throws Exception {
        BenchmarkLoad.run(
                count,
                64,
                i -> client.grant(TTL_SECONDS)
                        .thenAccept(lease -> held.put(lease.getID(), client.keepAlive(lease.getID(), UNHEARD))));
    }

    @Override
    public void release() throws Exception {
        Long[] ids = held.keySet().toArray(Long[]::new);
        held.values().forEach(CloseableClient::close);
        held.clear();
        BenchmarkLoad.run(ids.length, 64, i -> client.revoke(ids[i]));
    }
}
