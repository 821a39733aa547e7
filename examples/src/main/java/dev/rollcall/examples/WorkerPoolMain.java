package dev.rollcall.examples;

import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.registry.Registration;

/** Two workers announce themselves, and a client on another handle picks. The store is the one argument. */
public final class WorkerPoolMain {
    private WorkerPoolMain() {}

    public static void main(String[] args) throws InterruptedException {
        String url = args.length > 0 ? args[0] : "inmemory:worker-pool";
        try (KvBackend there = KvBackends.open(url);
                KvBackend here = KvBackends.open(url);
                WorkerPool workers = new WorkerPool(there);
                WorkerPool client = new WorkerPool(here)) {
            Registration<Worker> small = workers.announce("w-1", new Worker("10.0.0.1:9000", 2));
            Registration<Worker> large = workers.announce("w-2", new Worker("10.0.0.2:9000", 8));
            client.await(Futures.await(small.update(small.value())));
            client.await(Futures.await(large.update(large.value())));
            System.out.println(
                    "The most room: " + client.mostRoom().orElseThrow().value());

            client.await(Futures.await(large.update(new Worker("10.0.0.2:9000", 0))));
            System.out.println(
                    "Now w-2 is full: " + client.mostRoom().orElseThrow().value());
        }
    }
}
