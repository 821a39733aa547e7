package dev.rollcall.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Capability;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.ConnectionStatus;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Limits;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.Watch;
import dev.rollcall.tck.report.ConformanceReport;
import dev.rollcall.tck.report.Spec;
import dev.rollcall.tck.report.SpecRule;
import dev.rollcall.tck.report.Status;
import dev.rollcall.tck.report.TestResult;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** That the kit comes to an end, and to the right one, with backends that are no good at all. */
class KitSelfTest {
    /** Rules about types of the contract itself, which a backend cannot break. */
    private static final Set<String> KEPT_BY_THE_TYPES = Set.of("KEY-2", "VALUE-3", "VALUE-4", "TXN-5", "ERR-5");

    private static final KitSettings HASTY =
            KitSettings.fromEnvironment().withTimeScale(0.05).withSize(0.02);

    private static BackendFixture fixture(InvocationHandler handler) {
        return new BackendFixture() {
            @Override
            public String name() {
                return "broken";
            }

            @Override
            public Map<Hook, String> absentHooks() {
                Map<Hook, String> absent = new EnumMap<>(Hook.class);
                for (Hook hook : Hook.values()) {
                    absent.put(hook, "it is broken enough");
                }
                return absent;
            }

            @Override
            public TestStore newStore() {
                return new TestStore() {
                    @Override
                    public KvBackend open() {
                        return (KvBackend) Proxy.newProxyInstance(
                                KvBackend.class.getClassLoader(), new Class<?>[] {KvBackend.class}, handler);
                    }

                    @Override
                    public void close() {}
                };
            }
        };
    }

    @Test
    void backendThatThrowsEverywhereIsNotConformant() throws InterruptedException {
        List<String> progress = new ArrayList<>();
        ConformanceReport report = KitLauncher.of(fixture((proxy, method, arguments) -> {
                    throw new UnsupportedOperationException("not yet");
                }))
                .with(HASTY)
                .onResult(result -> progress.add(result.name()))
                .run();
        assertThat(report.isConformant()).isFalse();
        assertThat(report.tests()).hasSizeGreaterThan(100);
        assertThat(progress).hasSameSizeAs(report.tests());
        assertThat(report.rules(Status.VERIFIED)).isSubsetOf(KEPT_BY_THE_TYPES);
        assertThat(report.table())
                .contains("not yet")
                .contains("WATCH-16")
                .contains("needs the hook CUT: it is broken enough")
                .contains("broken is not conformant");
    }

    @Test
    void backendThatNeverAnswersIsNotConformantAndIsSoonDoneWith() throws InterruptedException {
        ConformanceReport report =
                KitLauncher.of(fixture(KitSelfTest::mute)).with(HASTY).run();
        List<Long> waits = report.tests().stream()
                .filter(test -> test.note().contains("did not complete within"))
                .map(TestResult::millis)
                .toList();
        // The first ones show how long this machine takes to wait in vain with patience; most of the others have none
        // left.
        assertThat(waits).hasSizeGreaterThan(20);
        assertThat(waits.stream().sorted().skip(waits.size() / 2).findFirst().orElseThrow())
                .as("milliseconds of half of all tests that waited in vain, of these in their order: %s", waits)
                .isLessThan(waits.get(0) / 2);
        assertThat(report.isConformant()).isFalse();
        assertThat(report.rules(Status.VERIFIED)).isSubsetOf(KEPT_BY_THE_TYPES);
        assertThat(report.rules(Status.FAILED)).contains("LIFE-1");
        assertThat(report.table()).contains("A future did not complete within");
    }

    @Test
    void backendThatBlocksInItsCallsIsStoppedInTime() throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        ConformanceReport report = KitLauncher.of(fixture((proxy, method, arguments) -> {
                    never.await();
                    return null;
                }))
                // One test's budget, many times over, so that a slow start does not end the run before it has failed.
                .with(HASTY.withTimeScale(0.01))
                .within(Duration.ofSeconds(40))
                .run();
        never.countDown();
        assertThat(report.isConformant()).isFalse();
        assertThat(report.table()).contains("theRunEndsInTime");
        assertThat(report.tests(Status.FAILED))
                .anySatisfy(test -> assertThat(test.note()).contains("did not end within"));
    }

    @Test
    void onlyTheTestsOfTheAreasAskedForAreRun() throws InterruptedException {
        ConformanceReport report = KitLauncher.of(fixture(KitSelfTest::mute))
                .with(HASTY)
                .only(Set.of("KEY-2", "VALUE"))
                .run();
        assertThat(report.tests())
                .isNotEmpty()
                .allSatisfy(test ->
                        assertThat(test.rules()).anyMatch(rule -> rule.equals("KEY-2") || rule.startsWith("VALUE-")));
        assertThat(report.rules())
                .extracting(result -> result.rule().id())
                .containsExactlyElementsOf(
                        Spec.shipped().rules().stream().map(SpecRule::id).toList());
    }

    private static Object mute(Object proxy, Method method, Object[] arguments) {
        return switch (method.getName()) {
            case "name", "toString" -> "mute";
            case "hashCode" -> System.identityHashCode(proxy);
            case "equals" -> proxy == arguments[0];
            case "capabilities" -> Set.of(Capability.values());
            case "limits" -> new Limits(Duration.ofSeconds(1), Duration.ofHours(1));
            case "connection" -> new ConnectionStatus(ConnectionState.CONNECTING, Instant.EPOCH, null);
            case "onConnection" -> (Subscription) () -> {};
            case "close" -> Set.of();
            case "watch" ->
                Proxy.newProxyInstance(
                        Watch.class.getClassLoader(), new Class<?>[] {Watch.class}, (watch, call, none) -> null);
            default -> new CompletableFuture<>();
        };
    }
}
