package dev.rollcall.hosts.modularzookeeper;

import dev.rollcall.kv.KvBackends;

/** The same as elsewhere, by a program on the class path, which a module can only reach by name. */
public final class ModularHost {
    private ModularHost() {}

    public static void main(String[] args) throws Exception {
        if (!ModularHost.class.getModule().isNamed() || !KvBackends.class.getModule().isNamed()) {
            throw new IllegalStateException("This is not on the module path.");
        }
        Class.forName("dev.rollcall.hosts.Smoke").getMethod("stores", String.class).invoke(null, args[0]);
    }
}
