package dev.rollcall.cli.demo;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.BackendUrl;
import dev.rollcall.registry.NodeStatus;
import dev.rollcall.registry.Registration;
import dev.rollcall.registry.RegistrationOptions;
import org.jspecify.annotations.Nullable;

/** A node in this process, with a client of its own or one that it shares with others. Only the former can crash. */
final class ThreadNode implements DemoNode {
    private final BackendUrl url;
    private final @Nullable Client shared;
    private final String kind;
    private final RegistrationOptions options;
    private @Nullable Client own;
    private @Nullable Registration<NodeStatus> registration;

    /** A node with {@code shared} as its client, or with one of its own if that is null. */
    ThreadNode(BackendUrl url, @Nullable Client shared, String kind, RegistrationOptions options) {
        this.url = url;
        this.shared = shared;
        this.kind = kind;
        this.options = options;
    }

    @Override
    public void start(NodeStatus status) {
        close();
        Client client = shared;
        if (client == null) {
            client = new Client(url);
            own = client;
        }
        registration = client.registry().register(kind, status.nodeId(), status, options);
    }

    @Override
    public void update(NodeStatus status) {
        if (registration != null) {
            registration.update(status);
        }
    }

    @Override
    public @Nullable NodeFailure failure() {
        // A registration tries again and again: an administrator may permit it. The demo does not wait for that.
        return registration != null && registration.status().lastFailure() instanceof AccessDeniedException denied
                ? new NodeFailure(PlainText.sentence(denied), ExitCode.DENIED)
                : null;
    }

    @Override
    public void crash() {
        if (own != null) {
            own.crash();
        }
    }

    @Override
    public void close() {
        if (registration != null && shared != null) {
            registration.close();
        }
        registration = null;
        if (own != null) {
            own.close();
            own = null;
        }
    }
}
