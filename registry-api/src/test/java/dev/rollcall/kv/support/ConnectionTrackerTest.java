package dev.rollcall.kv.support;

import static dev.rollcall.kv.ConnectionState.CLOSED;
import static dev.rollcall.kv.ConnectionState.CONNECTED;
import static dev.rollcall.kv.ConnectionState.CONNECTING;
import static dev.rollcall.kv.ConnectionState.DISCONNECTED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.UnavailableException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectionTrackerTest {
    private static final KvException BROKEN = new UnavailableException(
            new KvException.Context("test", "connection", null), Outcome.NOT_APPLIED, "it broke", null);

    private final ManualExecutor executor = new ManualExecutor();
    private final ConnectionTracker tracker = new ConnectionTracker(new ManualClock(), executor);
    private final List<ConnectionState> told = new ArrayList<>();

    @Test
    void listenerIsToldThePresentStateFirstAndClosedLast() {
        tracker.subscribe(status -> told.add(status.state()));
        executor.runAll();
        tracker.connected();
        executor.runAll();
        tracker.disconnected(BROKEN);
        executor.runAll();
        tracker.closed();
        tracker.connected();
        executor.runAll();
        assertThat(told).containsExactly(CONNECTING, CONNECTED, DISCONNECTED, CLOSED);
        assertThat(tracker.status().lastFailure()).isSameAs(BROKEN);
    }

    @Test
    void statesPassedWhileTheListenerIsBusyAreSkipped() {
        tracker.subscribe(status -> told.add(status.state()));
        tracker.connected();
        tracker.disconnected(BROKEN);
        tracker.connected();
        executor.runAll();
        assertThat(told).containsExactly(CONNECTED);
    }

    @Test
    void handleThatWasNeverConnectedGoesOnConnecting() {
        tracker.disconnected(BROKEN);
        assertThat(tracker.status().state()).isEqualTo(CONNECTING);
        assertThat(tracker.status().lastFailure()).isSameAs(BROKEN);
    }

    @Test
    void listenerIsToldOfALossOnceForEachReason() {
        List<String> reasons = new ArrayList<>();
        tracker.subscribe(status -> reasons.add(status.state() + " " + (status.lastFailure() == null ? "" : "failed")));
        tracker.connected();
        executor.runAll();
        for (String reason : List.of("it broke", "it broke", "it broke", "nobody listens", "nobody listens")) {
            tracker.disconnected(because(reason));
            executor.runAll();
        }
        assertThat(reasons).containsExactly("CONNECTED ", "DISCONNECTED failed", "DISCONNECTED failed");
        assertThat(tracker.status().lastFailure()).hasMessageContaining("nobody listens");
    }

    private static KvException because(String reason) {
        return new UnavailableException(
                new KvException.Context("test", "connection", null), Outcome.NOT_APPLIED, reason, null);
    }

    @Test
    void unsubscribedListenerIsToldNothing() {
        Subscription subscription = tracker.subscribe(status -> told.add(status.state()));
        subscription.close();
        subscription.close();
        tracker.connected();
        executor.runAll();
        assertThat(told).isEmpty();
    }

    @Test
    void listenerThatComesAfterTheEndIsToldSo() {
        tracker.closed();
        tracker.subscribe(status -> told.add(status.state()));
        executor.runAll();
        assertThat(told).containsExactly(CLOSED);
    }
}
