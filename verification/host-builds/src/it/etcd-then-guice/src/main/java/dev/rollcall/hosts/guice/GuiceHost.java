package dev.rollcall.hosts.guice;

import com.google.inject.ConfigurationException;
import com.google.inject.Guice;
import com.google.inject.Injector;
import dev.rollcall.guice.RegistryLifecycle;
import dev.rollcall.guice.RegistryModule;
import dev.rollcall.guice.StoreHealth;
import dev.rollcall.hosts.Servers;
import dev.rollcall.hosts.Smoke;

/** A store by Guice, and an error of Guice's own, whose text needs the Guava that Guice was built with. */
public final class GuiceHost {
    private GuiceHost() {}

    interface Unbound {}

    public static void main(String[] args) throws Exception {
        try (Servers servers = new Servers()) {
            Injector injector = Guice.createInjector(RegistryModule.of(servers.start(args[0])));
            try (RegistryLifecycle lifecycle = injector.getInstance(RegistryLifecycle.class)) {
                System.out.println(injector.getInstance(StoreHealth.class));
                injector.getInstance(Unbound.class);
                throw new IllegalStateException("Guice made what nobody has bound.");
            } catch (ConfigurationException e) {
                if (!e.getMessage().contains("Unbound")) {
                    throw e;
                }
            }
        }
        Smoke.stores(args[0]);
    }
}
