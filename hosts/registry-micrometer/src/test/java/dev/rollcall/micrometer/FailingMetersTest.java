package dev.rollcall.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.inmemory.InMemoryStore;
import dev.rollcall.inmemory.ManualTime;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import io.micrometer.core.instrument.AbstractTimer;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.cumulative.CumulativeCounter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.distribution.pause.PauseDetector;
import io.micrometer.core.instrument.internal.DefaultLongTaskTimer;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Meters that throw lose what they would have counted, and nothing else. */
class FailingMetersTest {
    private static final Directory DIRECTORY = Directory.of("/d");

    private final ManualTime time = new ManualTime();
    private final InMemoryStore store = InMemoryStore.builder().time(time).build();

    private static final class Failing extends SimpleMeterRegistry {
        Failing() {
            super(SimpleConfig.DEFAULT, Clock.SYSTEM);
        }

        private static RuntimeException full() {
            return new IllegalStateException("This meter is broken on purpose.");
        }

        @Override
        protected Counter newCounter(Meter.Id id) {
            return new CumulativeCounter(id) {
                @Override
                public void increment(double amount) {
                    throw full();
                }
            };
        }

        @Override
        protected Timer newTimer(Meter.Id id, DistributionStatisticConfig config, PauseDetector detector) {
            return new AbstractTimer(id, clock, config, detector, TimeUnit.SECONDS, false) {
                @Override
                protected void recordNonNegative(long amount, TimeUnit unit) {
                    throw full();
                }

                @Override
                public long count() {
                    return 0;
                }

                @Override
                public double totalTime(TimeUnit unit) {
                    return 0;
                }

                @Override
                public double max(TimeUnit unit) {
                    return 0;
                }
            };
        }

        @Override
        protected LongTaskTimer newLongTaskTimer(Meter.Id id, DistributionStatisticConfig config) {
            return new DefaultLongTaskTimer(id, clock, TimeUnit.SECONDS, config, false) {
                @Override
                public Sample start() {
                    return new Sample() {
                        @Override
                        public long stop() {
                            throw full();
                        }

                        @Override
                        public double duration(TimeUnit unit) {
                            return 0;
                        }
                    };
                }
            };
        }
    }

    private static final class Heard implements WatchListener {
        final List<WatchSignal> signals = new CopyOnWriteArrayList<>();
        final List<String> ends = new CopyOnWriteArrayList<>();

        @Override
        public void onSignal(WatchSignal signal) {
            signals.add(signal);
        }

        @Override
        public void onEnd(@Nullable KvException cause) {
            ends.add(String.valueOf(cause));
        }
    }

    private void eventually(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(90)).untilAsserted(() -> {
            time.advance(Duration.ofMillis(10));
            assertion.run();
        });
    }

    @Test
    void signalsAndTheEndAreHeardAllTheSame() throws InterruptedException {
        InMemoryBackend real = store.open();
        KvBackend metered = MeteredBackend.of(real, new Failing());
        Heard heard = new Heard();
        metered.watch(DIRECTORY, WatchStart.snapshot(), heard);
        eventually(() -> assertThat(heard.signals).last().isInstanceOf(Snapshot.class));
        Futures.await(metered.put(Key.of("/d/a"), Bytes.ofUtf8("1")));
        eventually(() -> assertThat(heard.signals).last().isInstanceOf(Changes.class));
        real.faults().disconnect();
        try (KvBackend other = store.open()) {
            Futures.await(other.put(Key.of("/d/a"), Bytes.ofUtf8("later")));
            store.compact();
        }
        real.faults().reconnect();
        eventually(() -> assertThat(heard.signals.stream().filter(Snapshot.class::isInstance))
                .hasSize(2));
        metered.close();
        eventually(() -> assertThat(heard.ends).hasSize(1));
    }
}
