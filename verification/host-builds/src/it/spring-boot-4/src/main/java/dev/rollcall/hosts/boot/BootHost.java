package dev.rollcall.hosts.boot;

import dev.rollcall.hosts.Smoke;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A store as a bean, which Spring closes; then everything else on the versions that Boot's BOM gives. */
@Configuration(proxyBeanMethods = false)
public class BootHost {
    @Bean(destroyMethod = "close")
    KvBackend store() {
        return KvBackends.open("inmemory:boot");
    }

    public static void main(String[] args) throws Exception {
        SpringApplication application = new SpringApplication(BootHost.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        try (ConfigurableApplicationContext context = application.run()) {
            System.out.println(context.getBean(KvBackend.class).name());
        }
        Smoke.stores(args[0]);
    }
}
