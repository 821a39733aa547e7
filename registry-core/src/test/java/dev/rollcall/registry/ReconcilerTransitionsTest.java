package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.inmemory.ManualTime;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Condition;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.LeaseEnd;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.kv.Write;
import dev.rollcall.kv.support.ForwardingBackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What each event leads to in each state of a registration. The store is a table of this test's, which applies and answers an operation when it is told to; so nothing happens but the events, one after another.
 */
class ReconcilerTransitionsTest extends RegistryFixture {
    /**
     * For each state, the events that lead to it, and the state after one more. A state is the phase, or, while that is BUSY, the operation whose reply is
     * awaited. A dot: no other state than before. A dash: the event cannot come.
     *
     * <p>{@code change}: others have written a key of ours; {@code request} and {@code removal}: of somebody else's; {@code value}: a newer value; {@code
     * refused}: a condition has failed; {@code later}: the longest pause is over; {@code gone}: the backend is closed.
     */
    private static final String TABLE = """
            state       | mode       | after                               | watch | change | request | removal | value | lost   | reply       | refused | failed | connected | later | close  | gone
            unwatched   | EPHEMERAL  |                                     | grant | .      | .       | .       | .     | -      | -           | -       | -      | .         | .     | closed | closed
            grant       | EPHEMERAL  | watch                               | .     | .      | .       | .       | .     | -      | read        | -       | paused | .         | .     | .      | closed
            read        | EPHEMERAL  | watch reply                         | .     | .      | .       | .       | .     | .      | write       | -       | paused | .         | .     | .      | closed
            read        | EPHEMERAL  | watch reply lost                    | .     | .      | .       | .       | .     | -      | grant       | -       | paused | .         | .     | .      | closed
            read        | EPHEMERAL  | watch reply close                   | .     | .      | .       | .       | .     | .      | revoke      | -       | revoke | .         | .     | .      | closed
            write       | EPHEMERAL  | watch reply reply                   | .     | .      | .       | .       | .     | .      | settled     | paused  | paused | .         | .     | .      | closed
            write       | EPHEMERAL  | watch reply reply change            | .     | .      | .       | .       | .     | .      | paused      | paused  | paused | .         | .     | .      | closed
            write       | EPHEMERAL  | watch reply reply lost              | .     | .      | .       | .       | .     | -      | paused      | paused  | paused | .         | .     | .      | closed
            write       | EPHEMERAL  | watch reply reply value             | .     | .      | .       | .       | .     | .      | .           | paused  | paused | .         | .     | .      | closed
            write       | EPHEMERAL  | watch reply reply close             | .     | .      | .       | .       | .     | .      | revoke      | revoke  | revoke | .         | .     | .      | closed
            settled     | EPHEMERAL  | watch reply reply reply             | read  | paused | fetch   | fetch   | write | paused | -           | -       | -      | .         | .     | revoke | closed
            write       | EPHEMERAL  | watch reply reply reply value       | .     | .      | .       | .       | .     | .      | settled     | paused  | paused | .         | .     | .      | closed
            paused      | EPHEMERAL  | watch reply reply reply change      | .     | .      | .       | .       | .     | .      | -           | -       | -      | .         | read  | revoke | closed
            paused      | EPHEMERAL  | watch reply reply reply lost        | .     | .      | .       | .       | .     | -      | -           | -       | -      | .         | grant | closed | closed
            paused      | EPHEMERAL  | watch failed                        | .     | .      | .       | .       | .     | -      | -           | -       | -      | .         | grant | closed | closed
            in conflict | EPHEMERAL  | rival watch reply reply             | read  | read   | .       | .       | .     | paused | -           | -       | -      | .         | .     | revoke | closed
            read        | EPHEMERAL  | rival watch reply reply leave change| .     | .      | .       | .       | .     | .      | write       | -       | paused | .         | .     | .      | closed
            given up    | UNHEALING  | rival watch reply reply             | .     | .      | .       | .       | .     | paused | -           | -       | -      | .         | .     | revoke | closed
            paused      | UNHEALING  | rival watch reply reply lost        | .     | .      | .       | .       | .     | -      | -           | -       | -      | .         | given up | closed | closed
            fetch       | EPHEMERAL  | watch reply reply reply request     | .     | .      | .       | .       | .     | .      | answer      | -       | paused | .         | .     | .      | closed
            answer      | EPHEMERAL  | watch reply reply reply request reply | .   | .      | .       | .       | .     | .      | settled     | fetch   | paused | .         | .     | .      | closed
            fetch       | EPHEMERAL  | watch reply reply reply removal     | .     | .      | .       | .       | .     | .      | revoke      | -       | paused | .         | .     | .      | closed
            revoke      | EPHEMERAL  | watch reply reply reply removal reply | .   | .      | .       | .       | .     | -      | confirm     | -       | confirm | .        | .     | .      | closed
            confirm     | EPHEMERAL  | watch reply reply reply removal reply reply | . | .  | .       | .       | .     | -      | closed      | closed  | closed | .         | .     | .      | closed
            revoke      | EPHEMERAL  | watch reply reply reply close       | .     | .      | .       | .       | .     | -      | closed      | -       | closed | .         | .     | .      | closed
            settled     | PERSISTENT | watch reply reply reply             | read  | paused | fetch   | fetch   | write | paused | -           | -       | -      | .         | .     | last write | closed
            paused      | PERSISTENT | watch reply reply reply change      | .     | .      | .       | .       | .     | .      | -           | -       | -      | .         | read  | read   | closed
            last write  | PERSISTENT | watch reply reply reply close       | .     | .      | .       | .       | .     | .      | revoke      | read    | revoke | .         | .     | .      | closed
            last write  | PERSISTENT | watch reply reply reply close lost  | .     | .      | .       | .       | .     | -      | closed      | closed  | closed | .         | .     | .      | closed
            read        | PERSISTENT | watch reply reply reply close refused | .   | .      | .       | .       | .     | .      | last write  | -       | revoke | .         | .     | .      | closed
            last write  | PERSISTENT | watch reply reply reply close refused reply refused reply | . | . | . | . | . | . | revoke | revoke  | revoke | .         | .     | .      | closed
            last write  | PERSISTENT | watch reply reply reply removal reply | .   | .      | .       | .       | .     | .      | revoke      | read    | revoke | .         | .     | .      | closed
            closed      | EPHEMERAL  | close                               | .     | .      | .       | .       | .     | -      | -           | -       | -      | .         | .     | .      | .
            """;

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private static Stream<Arguments> rows() {
        List<List<String>> lines = TABLE.lines()
                .map(line ->
                        Arrays.stream(line.split("\\|", -1)).map(String::strip).toList())
                .toList();
        List<String> head = lines.get(0);
        return lines.stream().skip(1).map(line -> {
            Map<String, String> next =
                    IntStream.range(3, head.size()).boxed().collect(Collectors.toMap(head::get, line::get));
            List<String> after =
                    line.get(2).isEmpty() ? List.of() : List.of(line.get(2).split(" "));
            return Arguments.of(line.get(0), line.get(1), after, next);
        });
    }

    @ParameterizedTest(name = "{0}, {1} after {2}")
    @MethodSource("rows")
    void eventLeadsToTheStateOfTheTable(String state, String mode, List<String> after, Map<String, String> next) {
        next.forEach((event, expected) -> {
            try (Machine machine = new Machine(handle, mode)) {
                after.forEach(machine::happen);
                assertThat(machine.state()).as("the state before").isEqualTo(state);
                if (!expected.equals("-")) {
                    machine.happen(event);
                    assertThat(machine.state())
                            .as("the state after '%s'", event)
                            .isEqualTo(expected.equals(".") ? state : expected);
                }
            }
        });
    }

    /** A registration, and all that acts upon it. */
    private static final class Machine implements AutoCloseable {
        private final ManualTime time = new ManualTime();
        private final HeldStore store;
        private final RegistryContext registryContext;
        private final Claim claim;
        private final Key request;
        private final Reconciler reconciler;

        Machine(KvBackend handle, String mode) {
            NodeKeys keys = new NodeKeys(ROOT, NodeLayout.TIDB_BINLOG);
            RegistrationMode kept =
                    mode.equals("PERSISTENT") ? RegistrationMode.PERSISTENT : RegistrationMode.EPHEMERAL;
            request = keys.request(PUMPS, "p");
            store = new HeldStore(handle, request);
            registryContext = new RegistryContext(store, keys, time, Duration.ofSeconds(5));
            claim = new Claim(keys.record(PUMPS, "p"), keys.claim(PUMPS, "p"), keys.mark(PUMPS, "p"), kept, null);
            reconciler = new Reconciler(
                    registryContext,
                    registryContext.tracker(PUMPS),
                    claim,
                    RegistrationOptions.of(kept)
                            .withPauses(LONGEST_PAUSE, LONGEST_PAUSE)
                            .withHealingAfterConflict(!mode.equals("UNHEALING"))
                            .withSeed(7),
                    bytes("first"),
                    () -> bytes("last"),
                    request,
                    asked -> CompletableFuture.completedFuture(1L));
        }

        void happen(String event) {
            switch (event) {
                case "watch" -> reconciler.onWatching(store.revision);
                case "change" -> reconciler.onChange(claim.record(), ++store.revision);
                case "request" -> ask(NodeRequest.PAUSE);
                case "removal" -> ask(NodeRequest.REMOVE);
                case "value" -> {
                    assertThat(reconciler.desire(bytes("newer"))).isNotNull();
                    reconciler.desired();
                }
                case "lost" -> store.granted().lose();
                case "reply" -> store.reply(null);
                case "refused" ->
                    store.reply(ConditionFailedException.of(
                            context(), new Condition.Absent(claim.record()), store.revision));
                case "failed" -> store.reply(new UnavailableException(context(), Outcome.UNKNOWN, "on purpose", null));
                case "connected" -> reconciler.onConnected();
                case "later" -> time.advance(LONGEST_PAUSE);
                case "close" -> reconciler.beginClose();
                case "gone" -> reconciler.onClosed();
                case "rival" -> store.plant(claim.claim(), bytes("rival#1"));
                case "leave" -> store.entries.remove(claim.claim());
                default -> throw new IllegalArgumentException(event);
            }
            ended(reconciler.phaseAfterAll());
        }

        private void ask(NodeRequest asked) {
            store.plant(request, new RequestEntry(asked, claim.incarnation(), "a test").value());
            reconciler.onChange(request, store.revision);
        }

        private static KvException.Context context() {
            return new KvException.Context("held", "commit", null);
        }

        /** What a future has come to; a hang fails. */
        private static <T> T ended(CompletableFuture<T> future) {
            return future.orTimeout(60, TimeUnit.SECONDS).join();
        }

        String state() {
            ReconcilerPhase phase = ended(reconciler.phaseAfterAll());
            return phase == ReconcilerPhase.BUSY
                    ? store.awaited()
                    : phase.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }

        @Override
        public void close() {
            reconciler.onClosed();
            ended(reconciler.closed());
            registryContext.close();
        }
    }

    /** A store without a watch that looks at no condition, and applies and replies when told to, at the revision of the call. Operations come from one thread at a time. */
    private static final class HeldStore extends ForwardingBackend {
        private final Key request;
        final Map<Key, KeyValue> entries = new HashMap<>();
        private final List<Held> held = new ArrayList<>();
        private final List<HeldLease> leases = new ArrayList<>();
        long revision = 10;

        private record Held(String name, CompletableFuture<?> reply, Runnable succeed) {}

        HeldStore(KvBackend unused, Key request) {
            super(unused);
            this.request = request;
        }

        void plant(Key key, Bytes value) {
            entries.put(key, new KeyValue(key, value, ++revision, false));
        }

        String awaited() {
            return held.get(0).name();
        }

        HeldLease granted() {
            return leases.get(leases.size() - 1);
        }

        void reply(@Nullable KvException failure) {
            List<Held> replied = List.copyOf(held);
            held.clear();
            assertThat(replied).isNotEmpty();
            for (Held one : replied) {
                if (failure == null) {
                    one.succeed().run();
                } else {
                    one.reply().completeExceptionally(failure);
                }
            }
        }

        private <R> CompletableFuture<R> hold(String name, R result, Runnable effect) {
            CompletableFuture<R> reply = new CompletableFuture<>();
            held.add(new Held(name, reply, () -> {
                effect.run();
                reply.complete(result);
            }));
            return reply;
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            return hold(
                    key.equals(request) ? "fetch" : "read", new GetResult(key, entries.get(key), revision), () -> {});
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            revision++;
            String name = "write";
            Map<Key, Optional<KeyValue>> after = new HashMap<>();
            for (Write write : txn.writes()) {
                Optional<Write.Put> put = write instanceof Write.Put one ? Optional.of(one) : Optional.empty();
                after.put(
                        write.key(),
                        put.map(one -> new KeyValue(one.key(), one.value(), revision, one.lease() != null)));
                if (write.key().equals(request)) {
                    name = leases.stream().allMatch(lease -> lease.revoked) ? "confirm" : "answer";
                } else if (put.isEmpty() && write.key().path().contains("/alive/")) {
                    name = "last write";
                }
            }
            return hold(name, new Commit(revision), () -> after.forEach(this::set));
        }

        private void set(Key key, Optional<KeyValue> entry) {
            entry.ifPresentOrElse(present -> entries.put(key, present), () -> entries.remove(key));
        }

        @Override
        public CompletableFuture<Lease> grantLease(Duration ttl) {
            HeldLease lease = new HeldLease(ttl);
            leases.add(lease);
            return hold("grant", lease, () -> {});
        }

        private final class HeldLease implements Lease {
            private final Duration ttl;
            private final CompletableFuture<LeaseEnd> ended = new CompletableFuture<>();
            private boolean revoked;

            HeldLease(Duration ttl) {
                this.ttl = ttl;
            }

            void lose() {
                ended.complete(LeaseEnd.LOST);
            }

            @Override
            public String id() {
                return "held";
            }

            @Override
            public Duration ttl() {
                return ttl;
            }

            @Override
            public boolean isHeld() {
                return !ended.isDone() && !revoked;
            }

            @Override
            public CompletableFuture<LeaseEnd> ended() {
                return ended;
            }

            @Override
            public CompletableFuture<Void> revoke() {
                revoked = true;
                return hold("revoke", id(), () -> {}).thenAccept(id -> {});
            }

            @Override
            public void close() {
                revoked = true;
            }
        }
    }
}
