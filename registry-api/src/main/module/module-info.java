/** The contract of stores, and what opens one by its URL. */
module dev.rollcall.registry.api {
    requires transitive org.jspecify;
    requires org.slf4j;

    exports dev.rollcall.kv;
    exports dev.rollcall.kv.support;

    uses dev.rollcall.kv.KvBackendProvider;
}
