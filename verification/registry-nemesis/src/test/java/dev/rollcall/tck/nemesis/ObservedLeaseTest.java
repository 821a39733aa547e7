package dev.rollcall.tck.nemesis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What a lease is accused of, and what of that a known fault of the servers excuses. */
class ObservedLeaseTest {
    private static final Duration TTL = Duration.ofSeconds(2);
    private static final Key ONE = Key.of("/leases/one");
    private static final Key TWO = Key.of("/leases/two");
    private static final KnownFault KNOWN = new KnownFault(
            "https://tracker.example/15",
            KnownFault.Effect.LEASE_ENDS_EARLY,
            Set.of(Fault.PAUSE_LEADER),
            Duration.ofSeconds(3));

    private long now;
    private final RunFindings findings = new RunFindings(List.of(KNOWN), () -> now);
    private final StubLease lease = new StubLease();
    private final ObservedLease observedLease = new ObservedLease("lease", lease, List.of(ONE, TWO), findings);

    private static KeyValue entry(Key key, boolean leased) {
        return new KeyValue(key, Bytes.ofUtf8("v"), 5, leased);
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    @Test
    void entriesThatGoUnderAHolderWhoBelievesAreAViolation() {
        observedLease.attached(5);
        observedLease.absent("a reader", 6);
        assertThat(findings.violations()).singleElement().asString().contains("LEASE-4", "a reader", "revision 5");
    }

    @Test
    void entriesThatWereNotThereYetAreNone() {
        observedLease.absent("a reader", 4);
        observedLease.attached(5);
        observedLease.absent("a reader that is behind", 4);
        assertThat(findings.violations()).isEmpty();
    }

    @Test
    void entriesThatGoWithALeaseThatIsOverAreNone() {
        observedLease.attached(5);
        lease.held = false;
        observedLease.absent("a reader", 6);
        assertThat(findings.violations()).isEmpty();
        assertThat(observedLease.isSettled()).isFalse();
        lease.ended.complete(LeaseEnd.LOST);
        assertThat(observedLease.isSettled()).isTrue();
    }

    @Test
    void entriesThatGoWhileTheirHolderEndsTheLeaseAreNone() {
        observedLease.attached(5);
        assertThat(observedLease.leave()).isTrue();
        observedLease.absent("a reader", 6);
        assertThat(findings.violations()).isEmpty();
    }

    @Test
    void entriesThatSomebodyElseTakesAwayAreNoneButMustNotComeBack() {
        observedLease.attached(5);
        observedLease.entriesMayGo();
        observedLease.present("a reader", List.of(entry(ONE, true)), 6);
        observedLease.absent("a reader", 7);
        observedLease.gone("its holder's update");
        assertThat(findings.violations()).isEmpty();
        observedLease.present("a reader", List.of(entry(ONE, true)), 8);
        assertThat(findings.violations()).singleElement().asString().contains("LEASE-5");
    }

    @Test
    void halfOfTheEntriesAreAViolation() {
        observedLease.attached(5);
        observedLease.present("a reader", List.of(entry(ONE, true)), 6);
        assertThat(findings.violations()).singleElement().asString().contains("LEASE-3", "/leases/one");
    }

    @Test
    void entryWithoutItsLeaseIsAViolation() {
        observedLease.attached(5);
        observedLease.present("a reader", List.of(entry(ONE, true), entry(TWO, false)), 6);
        assertThat(findings.violations()).singleElement().asString().contains("LEASE-6");
    }

    @Test
    void entriesThatComeAgainAreAViolation() {
        observedLease.attached(5);
        lease.held = false;
        observedLease.absent("a reader", 6);
        observedLease.present("another", List.of(entry(ONE, true), entry(TWO, true)), 7);
        assertThat(findings.violations()).singleElement().asString().contains("LEASE-5", "another");
    }

    @Test
    void oneWrongIsToldOnce() {
        observedLease.attached(5);
        observedLease.absent("a reader", 6);
        observedLease.gone("another");
        observedLease.present("a third", List.of(entry(ONE, true)), 7);
        assertThat(findings.violations()).hasSize(1);
    }

    @Test
    void holderWhoBelievesForAnotherTtlAfterAKnownFaultIsExcused() {
        findings.healing(Fault.PAUSE_LEADER, false);
        observedLease.attached(5);
        observedLease.absent("a reader", 6);
        pass(TTL);
        observedLease.gone("another");
        assertThat(findings.violations()).isEmpty();
        assertThat(findings.known()).hasSize(1);
    }

    @Test
    void holderWhoBelievesForLongerThanThatIsNot() {
        findings.healing(Fault.PAUSE_LEADER, false);
        observedLease.attached(5);
        observedLease.absent("a reader", 6);
        pass(TTL.plusNanos(1));
        observedLease.gone("another");
        assertThat(findings.violations()).singleElement().asString().contains("LEASE-4", "longer than its ttl");
    }

    @Test
    void knownFaultExcusesNothingElse() {
        findings.healing(Fault.PAUSE_LEADER, false);
        observedLease.attached(5);
        observedLease.absent("a reader", 6);
        observedLease.present("another", List.of(entry(ONE, true), entry(TWO, true)), 7);
        assertThat(findings.violations()).singleElement().asString().contains("LEASE-5");
    }

    private static final class StubLease implements Lease {
        private final CompletableFuture<LeaseEnd> ended = new CompletableFuture<>();
        private boolean held = true;

        @Override
        public String id() {
            return "7";
        }

        @Override
        public Duration ttl() {
            return TTL;
        }

        @Override
        public boolean isHeld() {
            return held;
        }

        @Override
        public CompletionStage<LeaseEnd> ended() {
            return ended;
        }

        @Override
        public CompletableFuture<Void> revoke() {
            throw new UnsupportedOperationException("not under test");
        }

        @Override
        public void close() {}
    }
}
