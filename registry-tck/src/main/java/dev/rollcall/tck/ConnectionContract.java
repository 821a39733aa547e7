package dev.rollcall.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.ConnectionStatus;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The connection status that a health check reads. */
public interface ConnectionContract extends Contract {
    @Test
    @Rule("LIFE-7")
    default void listenerHearsThePresentStatusFirstAndClosedLast(Kit kit) {
        KvBackend handle = kit.open();
        kit.await(handle.get(kit.key("k")));
        kit.eventually(
                "LIFE-7",
                "connection() says CONNECTED once the store has answered",
                () -> handle.connection().state() == ConnectionState.CONNECTED);
        List<ConnectionStatus> heard = new CopyOnWriteArrayList<>();
        handle.onConnection(heard::add);
        kit.eventually("LIFE-7", "the listener hears the present status", () -> !heard.isEmpty());
        assertThat(heard.get(0).state()).isEqualTo(ConnectionState.CONNECTED);
        handle.close();
        kit.eventually(
                "LIFE-7",
                "the listener hears CLOSED",
                () -> heard.get(heard.size() - 1).state() == ConnectionState.CLOSED);
        assertThat(handle.connection().state()).isEqualTo(ConnectionState.CLOSED);
        List<ConnectionStatus> late = new CopyOnWriteArrayList<>();
        handle.onConnection(late::add);
        kit.eventually("LIFE-7", "a listener of a closed handle hears CLOSED", () -> !late.isEmpty());
        assertThat(late).extracting(ConnectionStatus::state).containsExactly(ConnectionState.CLOSED);
        assertThat(heard)
                .extracting(ConnectionStatus::state)
                .containsExactly(ConnectionState.CONNECTED, ConnectionState.CLOSED);
    }

    @Test
    @Rule("LIFE-7")
    @Needs(Hook.CUT)
    default void cutAndHealAreToldInOrder(Kit kit) {
        KvBackend handle = kit.open();
        kit.await(handle.get(kit.key("k")));
        List<ConnectionStatus> heard = new CopyOnWriteArrayList<>();
        handle.onConnection(heard::add);
        kit.eventually("LIFE-7", "the listener hears the present status", () -> !heard.isEmpty());
        Duration bound = kit.fixture().deadline().multipliedBy(4);
        for (int round = 1; round <= 2; round++) {
            int heardNow = 2 * round;
            kit.store().cut(kit.handle(handle));
            assertThat(kit.elapseUntil(bound, () -> handle.connection().state() == ConnectionState.DISCONNECTED))
                    .as("whether connection() tells of a cut within %s", bound)
                    .isTrue();
            assertThat(handle.connection().lastFailure())
                    .as("why the connection was lost")
                    .isNotNull();
            kit.eventually(
                    "LIFE-7",
                    "the listener hears of the cut",
                    () -> states(heard).size() >= heardNow);
            kit.store().heal(kit.handle(handle));
            FaultSteps.awaitReachable(kit, handle);
            kit.eventually(
                    "LIFE-7",
                    "connection() says CONNECTED again",
                    () -> handle.connection().state() == ConnectionState.CONNECTED);
            kit.eventually(
                    "LIFE-7",
                    "the listener hears of the healing",
                    () -> states(heard).size() >= heardNow + 1);
        }
        handle.close();
        kit.eventually(
                "LIFE-7",
                "the listener hears CLOSED",
                () -> heard.get(heard.size() - 1).state() == ConnectionState.CLOSED);
        assertThat(states(heard))
                .containsExactly(
                        ConnectionState.CONNECTED,
                        ConnectionState.DISCONNECTED,
                        ConnectionState.CONNECTED,
                        ConnectionState.DISCONNECTED,
                        ConnectionState.CONNECTED,
                        ConnectionState.CLOSED);
        assertThat(heard).extracting(ConnectionStatus::since).isSorted();
    }

    /** The states in the order in which they were heard; one that is told again, since there is another reason for it, is one. */
    private static List<ConnectionState> states(List<ConnectionStatus> heard) {
        List<ConnectionState> states = new ArrayList<>();
        for (ConnectionStatus status : heard) {
            if (states.isEmpty() || states.get(states.size() - 1) != status.state()) {
                states.add(status.state());
            }
        }
        return states;
    }

    @Test
    @Rule({"LIFE-7", "THREAD-2"})
    default void closedSubscriptionHearsNothingAndBadListenersHurtOnlyThemselves(Kit kit) {
        KvBackend handle = kit.open();
        kit.await(handle.get(kit.key("k")));
        AtomicInteger unsubscribed = new AtomicInteger();
        AtomicInteger running = new AtomicInteger();
        AtomicInteger overlaps = new AtomicInteger();
        CountDownLatch release = new CountDownLatch(1);
        Subscription subscription = handle.onConnection(status -> unsubscribed.incrementAndGet());
        kit.eventually("LIFE-7", "the listener hears the present status", () -> unsubscribed.get() > 0);
        subscription.close();
        subscription.close();
        int before = unsubscribed.get();
        List<ConnectionStatus> heard = new CopyOnWriteArrayList<>();
        handle.onConnection(status -> {
            throw new DeliberateFailure();
        });
        handle.onConnection(status -> Latches.await(release));
        handle.onConnection(status -> {
            if (running.incrementAndGet() > 1) {
                overlaps.incrementAndGet();
            }
            heard.add(status);
            running.decrementAndGet();
        });
        try {
            kit.eventually("LIFE-7", "a listener hears its status, though another blocks", () -> !heard.isEmpty());
            handle.close();
            kit.eventually(
                    "LIFE-7",
                    "a listener hears CLOSED, though another blocks",
                    () -> heard.get(heard.size() - 1).state() == ConnectionState.CLOSED);
        } finally {
            release.countDown();
        }
        kit.proves("LIFE-7");
        assertThat(unsubscribed.get())
                .as("calls of a listener whose subscription was closed")
                .isEqualTo(before);
        kit.proves("THREAD-2");
        assertThat(overlaps.get()).as("calls of one listener that overlapped").isZero();
    }
}
