package dev.rollcall.hosts.kit;

import static java.util.stream.Collectors.toMap;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.tck.BackendFixture;
import dev.rollcall.tck.Hook;
import dev.rollcall.tck.KeyContract;
import dev.rollcall.tck.TestStore;
import dev.rollcall.tck.TxnContract;
import dev.rollcall.tck.WriteContract;
import java.util.EnumSet;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** What the author of a backend writes; some contracts are enough to see that the kit runs on this JUnit. */
class StoreTckTest implements KeyContract, WriteContract, TxnContract {
    private static final AtomicInteger STORES = new AtomicInteger();

    @Override
    public BackendFixture fixture() {
        return new BackendFixture() {
            @Override
            public String name() {
                return "inmemory";
            }

            @Override
            public Map<Hook, String> absentHooks() {
                return EnumSet.allOf(Hook.class).stream().collect(toMap(hook -> hook, hook -> "not needed here"));
            }

            @Override
            public TestStore newStore() {
                String url = "inmemory:host-" + STORES.incrementAndGet();
                return new TestStore() {
                    @Override
                    public KvBackend open() {
                        return KvBackends.open(url);
                    }

                    @Override
                    public void close() {}
                };
            }
        };
    }
}
