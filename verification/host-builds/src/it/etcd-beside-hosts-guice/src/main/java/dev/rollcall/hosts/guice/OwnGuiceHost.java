package dev.rollcall.hosts.guice;

import com.google.inject.ConfigurationException;
import com.google.inject.Guice;
import dev.rollcall.hosts.Smoke;

/** An error of Guice's own, whose text needs the Guava that Guice was built with; then the store. */
public final class OwnGuiceHost {
    private OwnGuiceHost() {}

    interface Unbound {}

    public static void main(String[] args) throws Exception {
        try {
            Guice.createInjector().getInstance(Unbound.class);
            throw new IllegalStateException("Guice made what nobody has bound.");
        } catch (ConfigurationException e) {
            if (!e.getMessage().contains("Unbound")) {
                throw e;
            }
        }
        Smoke.stores(args[0]);
    }
}
