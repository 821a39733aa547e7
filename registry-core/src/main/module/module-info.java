/** Nodes, views, locks and elections on any store. */
module dev.rollcall.registry.core {
    requires transitive dev.rollcall.registry.api;
    requires com.fasterxml.jackson.datatype.jdk8;
    requires org.slf4j;
    // A codec takes the application's mapper.
    requires transitive com.fasterxml.jackson.databind;

    exports dev.rollcall.coordination;
    exports dev.rollcall.registry;
}
