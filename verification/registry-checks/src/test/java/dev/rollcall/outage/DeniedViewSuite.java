package dev.rollcall.outage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.registry.NodeCodec;
import dev.rollcall.registry.NodeLayout;
import dev.rollcall.registry.NodeRegistry;
import dev.rollcall.registry.NodeView;
import dev.rollcall.registry.Registration;
import dev.rollcall.registry.RegistrationMode;
import dev.rollcall.registry.RegistrationState;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A user who may not read for a while, by the word of a real store: what follows the store says so, and comes back by itself. */
public abstract class DeniedViewSuite {
    /** Which only a hang reaches. */
    private static final Duration LIMIT = Duration.ofMinutes(4);

    /** Where the nodes of the kind are. */
    protected static final Directory NODES = Directory.of("/fleet/builders/nodes");

    /** The user's handle. */
    protected abstract KvBackend open();

    /** The user may not read {@link #NODES} any more, and is told so. */
    protected abstract void deny();

    /** The user may read again. */
    protected abstract void allow();

    private static void until(Callable<Boolean> condition) {
        Awaitility.await().pollInterval(Duration.ofMillis(5)).atMost(LIMIT).until(condition);
    }

    @Test
    void viewAndRegistrationComeBackOnceTheirUserMayReadAgain() throws InterruptedException, TimeoutException {
        try (KvBackend backend = open();
                NodeRegistry<String> registry = NodeRegistry.builder(backend, NodeCodec.of(Bytes::ofUtf8, Bytes::utf8))
                        .root(Directory.of("/fleet"))
                        .layout(NodeLayout.BY_KIND)
                        .build()) {
            Registration<String> registration = registry.register("builders", "b", "1", RegistrationMode.PERSISTENT);
            registration.awaitRegistered(LIMIT);
            NodeView<String> view = registry.view("builders");
            view.awaitReady(LIMIT);
            until(() -> view.get("b") != null && view.staleSince().isEmpty());

            deny();
            until(() -> view.lastFailure()
                    .filter(AccessDeniedException.class::isInstance)
                    .isPresent());
            assertThat(view.staleSince()).isPresent();
            assertThat(view.get("b")).isNotNull();
            assertThat(view.failure()).isEmpty();

            allow();
            until(() -> view.staleSince().isEmpty());
            long written = Futures.await(registration.update("2"), LIMIT);
            Futures.await(view.awaitRevision(written), LIMIT);
            assertThat(view.get("b")).isNotNull().matches(node -> node.isAlive() && "2".equals(node.value()));
            until(() -> registration.state() == RegistrationState.REGISTERED);
        }
    }
}
