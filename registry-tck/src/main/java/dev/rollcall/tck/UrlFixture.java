package dev.rollcall.tck;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyListing;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Limits;
import dev.rollcall.kv.Txn;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A fixture from nothing but a URL: each store is a place of its own below it, emptied after use, and there are no hooks. In a URL with
 * hosts the place is appended to the path, otherwise to the name.
 */
public final class UrlFixture implements BackendFixture {
    private static final Logger LOG = LoggerFactory.getLogger("dev.rollcall.tck");

    private final String url;
    private final String scheme;
    private final String run = "tck-" + UUID.randomUUID().toString().substring(0, 8);
    private final AtomicInteger stores = new AtomicInteger();
    private final AtomicBoolean warned = new AtomicBoolean();

    /**
     * Takes a backend's URL.
     *
     * @throws IllegalArgumentException if it is malformed
     */
    public UrlFixture(String url) {
        this.url = url;
        this.scheme = BackendUrl.parse(url).scheme();
    }

    @Override
    public String name() {
        return scheme;
    }

    @Override
    public TestStore newStore() {
        String text = below(url, run + "-" + stores.incrementAndGet());
        BackendUrl place = BackendUrl.parse(text);
        return new TestStore() {
            @Override
            public Optional<String> url() {
                return Optional.of(text);
            }

            @Override
            public KvBackend open() {
                return KvBackends.open(place);
            }

            @Override
            public void close() {
                try (KvBackend handle = open()) {
                    empty(handle);
                }
            }
        };
    }

    @Override
    public Map<Hook, String> absentHooks() {
        Map<Hook, String> absent = new EnumMap<>(Hook.class);
        for (Hook hook : Hook.values()) {
            absent.put(hook, "a URL alone gives no hooks; write a fixture");
        }
        return absent;
    }

    static String below(String url, String place) {
        int question = url.indexOf('?');
        String address = question < 0 ? url : url.substring(0, question);
        String options = question < 0 ? "" : url.substring(question);
        boolean hosts = address.startsWith("//", address.indexOf(':') + 1);
        String separator = !hosts ? (address.endsWith(":") ? "" : "-") : address.endsWith("/") ? "" : "/";
        return address + separator + place + options;
    }

    /** Best effort: a backend that fails here has failed its tests before, and so the log is told only once. */
    private void empty(KvBackend handle) {
        try {
            KeyListing listing = handle.keys(Directory.ROOT).get(10, TimeUnit.SECONDS);
            List<Key> keys = listing.keys();
            // Deepest first, for stores that are trees.
            for (int to = keys.size(); to > 0; to -= Limits.MAX_TXN_WRITES) {
                Txn.Builder txn = Txn.builder();
                keys.subList(Math.max(0, to - Limits.MAX_TXN_WRITES), to).forEach(txn::delete);
                handle.commit(txn.build()).get(10, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            notRemoved(Futures.unwrap(e));
        } catch (KvException | UnsupportedOperationException e) {
            notRemoved(e);
        }
    }

    private void notRemoved(Throwable failure) {
        if (!warned.getAndSet(true)) {
            LOG.warn("What tests wrote below {} could not all be removed: {}", run, failure.toString());
        }
    }
}
