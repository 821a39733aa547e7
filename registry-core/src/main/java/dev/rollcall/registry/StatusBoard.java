package dev.rollcall.registry;

import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Printable;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.support.SerialLane;
import dev.rollcall.kv.support.UserCode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The status of a registration, and its listeners. */
/*
 * Concurrency: status is written under this, together with what is queued on lane for the listeners, so that each sees every status once and in
 * order; it is volatile so that reading needs no lock. listeners is guarded by this. Listeners run on lane, without the lock.
 */
final class StatusBoard {
    private static final Logger LOG = LoggerFactory.getLogger(NodeRegistry.class);

    private final RegistryContext registryContext;
    private final String subject;
    private final SerialLane lane;
    private final List<Follower> listeners = new ArrayList<>();
    private volatile RegistrationStatus status;

    StatusBoard(RegistryContext registryContext, Key subject) {
        this.subject = Printable.line(subject.path());
        this.registryContext = registryContext;
        this.lane = new SerialLane(registryContext.callbacks());
        this.status = new RegistrationStatus(
                RegistrationState.REGISTERING,
                "the node has not been written yet",
                registryContext.time().instant(),
                null);
    }

    RegistrationStatus status() {
        return status;
    }

    RegistrationState state() {
        return status.state();
    }

    void set(RegistrationState state, String reason) {
        set(state, reason, null);
    }

    /** An attempt has failed, which leaves the state as it is. */
    void failed(String reason, @Nullable Throwable failure) {
        set(state(), reason, failure instanceof KvException known ? known : null);
    }

    /** As {@link #failed}, with the failure as the reason; a node that is registered is only concerned if a newer value waits. */
    void attemptFailed(@Nullable Throwable failure, boolean isUpdateWaiting) {
        String reason = String.valueOf(failure == null ? null : failure.getMessage());
        if (state() != RegistrationState.REGISTERED) {
            failed(reason, failure);
        } else if (isUpdateWaiting) {
            failed("a newer value could not be written yet: " + reason, failure);
        }
    }

    private void set(RegistrationState state, String reason, @Nullable KvException failure) {
        synchronized (this) {
            if (status.state() == state && status.reason().equals(reason)) {
                return;
            }
            RegistrationStatus next =
                    new RegistrationStatus(state, reason, registryContext.time().instant(), failure);
            RegistrationState before = status.state();
            status = next;
            if (before != state) {
                LOG.info("The registration of '{}' is {}: {}.", subject, state, reason);
            } else {
                LOG.debug("The registration of '{}' is still {}: {}.", subject, state, reason);
            }
            List<Follower> told = List.copyOf(listeners);
            lane.execute(() -> told.forEach(follower -> follower.tell(next)));
        }
    }

    Subscription subscribe(Consumer<? super RegistrationStatus> listener) {
        Follower follower = new Follower(listener);
        synchronized (this) {
            listeners.add(follower);
            RegistrationStatus present = status;
            lane.execute(() -> follower.tell(present));
        }
        return () -> {
            follower.closed = true;
            synchronized (this) {
                listeners.remove(follower);
            }
        };
    }

    private static final class Follower {
        private final Consumer<? super RegistrationStatus> listener;
        private volatile boolean closed;

        Follower(Consumer<? super RegistrationStatus> listener) {
            this.listener = listener;
        }

        void tell(RegistrationStatus next) {
            if (!closed) {
                UserCode.run("registration listener", next.state(), () -> listener.accept(next));
            }
        }
    }
}
