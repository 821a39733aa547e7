package dev.rollcall.kv.support;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Notes what it is asked for, and replies when the test says so. */
final class NotedRequests implements RenewedLease.Requests {
    private final Duration ttl;
    final List<CompletableFuture<Duration>> renewals = new ArrayList<>();
    final List<CompletableFuture<Void>> revocations = new ArrayList<>();

    NotedRequests(Duration ttl) {
        this.ttl = ttl;
    }

    @Override
    public CompletionStage<Duration> renew() {
        renewals.add(new CompletableFuture<>());
        return renewals.get(renewals.size() - 1);
    }

    @Override
    public CompletionStage<Void> revoke() {
        revocations.add(new CompletableFuture<>());
        return revocations.get(revocations.size() - 1);
    }

    void renewed(int number) {
        renewals.get(number).complete(ttl);
    }

    void confirm(int number) {
        revocations.get(number).complete(null);
    }
}
