package dev.rollcall.hosts.modular;

import dev.rollcall.hosts.Smoke;
import dev.rollcall.kv.KvBackends;

/** The same as elsewhere, from a named module. */
public final class ModularHost {
    private ModularHost() {}

    public static void main(String[] args) throws Exception {
        if (!ModularHost.class.getModule().isNamed() || !KvBackends.class.getModule().isNamed()) {
            throw new IllegalStateException("This is not on the module path.");
        }
        Smoke.stores(args[0]);
    }
}
