package dev.rollcall.hosts.jetcd;

import dev.rollcall.hosts.Servers;
import dev.rollcall.hosts.Smoke;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.support.CloseableClient;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The host's own jetcd, and our stores, on one class path; its leases are what a wrong Netty breaks first. */
public final class JetcdHost {
    private JetcdHost() {}

    public static void main(String[] args) throws Exception {
        try (Servers servers = new Servers();
                Client jetcd = Client.builder().endpoints("http://127.0.0.1:" + servers.etcd()).build()) {
            long lease = jetcd.getLeaseClient().grant(60).get(60, TimeUnit.SECONDS).getID();
            ByteSequence key = ByteSequence.from("beside", StandardCharsets.UTF_8);
            jetcd.getKVClient().put(key, key, PutOption.builder().withLeaseId(lease).build()).get(60, TimeUnit.SECONDS);
            CompletableFuture<Long> renewed = new CompletableFuture<>();
            try (CloseableClient renewal = jetcd.getLeaseClient().keepAlive(lease, new StreamObserver<>() {
                @Override
                public void onNext(LeaseKeepAliveResponse response) {
                    renewed.complete(response.getTTL());
                }

                @Override
                public void onError(Throwable failure) {
                    renewed.completeExceptionally(failure);
                }

                @Override
                public void onCompleted() {}
            })) {
                System.out.println("jetcd renewed for " + renewed.get(60, TimeUnit.SECONDS) + " s");
            }
        }
        Smoke.stores(args[0]);
        // jetcd's Vert.x may leave threads behind, which are not what is tried here.
        System.exit(0);
    }
}
