package dev.rollcall.inmemory;

import dev.rollcall.tck.BackendFixture;
import dev.rollcall.tck.KvBackendTck;

/** The whole kit against the store in memory, with every hook, in virtual time. */
class InMemoryTckTest implements KvBackendTck {
    @Override
    public BackendFixture fixture() {
        return new InMemoryFixture();
    }
}
