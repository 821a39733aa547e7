/** An application that names what it uses, and has its stores found. */
module dev.rollcall.hosts.modular {
    requires dev.rollcall.registry.core;
    requires dev.rollcall.registry.inmemory;
    requires smoke;
}
