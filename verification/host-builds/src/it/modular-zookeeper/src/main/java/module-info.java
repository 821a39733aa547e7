/** An application of modules alone; what is none, ZooKeeper and the shared program among it, stays on the class path. */
module dev.rollcall.hosts.modularzookeeper {
    requires dev.rollcall.registry.core;
    requires dev.rollcall.registry.inmemory;
}
