/** The store in this JVM's memory. */
module dev.rollcall.registry.inmemory {
    requires transitive dev.rollcall.registry.api;

    exports dev.rollcall.inmemory;

    provides dev.rollcall.kv.KvBackendProvider with
            dev.rollcall.inmemory.InMemoryBackendProvider;
}
