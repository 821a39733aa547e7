package dev.rollcall.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Capability;
import dev.rollcall.kv.ConnectionStatus;
import dev.rollcall.kv.Diagnosis;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Limits;
import dev.rollcall.kv.Subscription;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The store itself: its connection and the history of that, how long a read takes, how fast its revision grows, its capabilities. */
/* Concurrency: confined to the console's thread. */
final class StoreBoard implements Topic {
    static final int MOST_STATES = 200;
    static final int MOST_SAMPLES = 900;

    private static final Duration DIAGNOSE_EVERY = Duration.ofSeconds(20);

    private final KvBackend backend;
    private final Executor thread;
    private final Supplier<Instant> clock;
    private final Key probe;
    private final boolean changesAllowed;
    private final Deque<ConnectionStatus> history = new ArrayDeque<>();
    private final Deque<Sample> samples = new ArrayDeque<>();
    private final Deque<Sample> fresh = new ArrayDeque<>();
    private final Subscription subscription;
    private boolean probing;
    private @Nullable Diagnosis diagnosis;
    private @Nullable Instant diagnosedAt;
    private boolean changed = true;

    /**
     * A read, and what it has shown.
     *
     * @param micros how long it took, or -1 if it failed
     * @param revision the store's, or 0 if it failed
     */
    private record Sample(Instant at, long micros, long revision) {
        void put(ArrayNode to) {
            to.addArray().add(at.toEpochMilli()).add(micros).add(revision);
        }
    }

    StoreBoard(
            KvBackend backend, Directory directory, boolean changesAllowed, Executor thread, Supplier<Instant> clock) {
        this.backend = backend;
        this.thread = thread;
        this.clock = clock;
        this.changesAllowed = changesAllowed;
        // Nobody writes it: what counts is that the store answers.
        this.probe = directory.key(".rollcall/probe");
        this.subscription = backend.onConnection(status -> thread.execute(() -> connection(status)));
    }

    private void connection(ConnectionStatus status) {
        ConnectionStatus last = history.peekLast();
        if (last != null && last.state() == status.state()) {
            history.removeLast();
        }
        history.addLast(status);
        if (history.size() > MOST_STATES) {
            history.removeFirst();
        }
        changed = true;
    }

    /** Reads once, unless the last read has not come back. */
    void sample() {
        if (probing) {
            return;
        }
        probing = true;
        Instant at = clock.get();
        long start = System.nanoTime();
        backend.get(probe).whenComplete((result, problem) -> {
            long micros = (System.nanoTime() - start) / 1_000;
            thread.execute(() -> sampled(at, micros, result, problem));
        });
    }

    private void sampled(Instant at, long micros, @Nullable GetResult result, @Nullable Throwable problem) {
        probing = false;
        // A refusal is an answer too.
        boolean answered =
                result != null || (problem != null && Futures.unwrap(problem) instanceof AccessDeniedException);
        Sample sample = new Sample(at, answered ? micros : -1, result == null ? 0 : result.revision());
        samples.addLast(sample);
        fresh.addLast(sample);
        if (samples.size() > MOST_SAMPLES) {
            samples.removeFirst();
        }
        if (fresh.size() > MOST_SAMPLES) {
            fresh.removeFirst();
        }
    }

    /** Asks what is wrong, from time to time and only while somebody looks. */
    private void diagnose() {
        Instant now = clock.get();
        if (diagnosedAt != null && now.isBefore(diagnosedAt.plus(DIAGNOSE_EVERY))) {
            return;
        }
        diagnosedAt = now;
        backend.diagnose()
                .whenComplete((found, problem) -> thread.execute(() -> {
                    // It fails only once the backend is closed.
                    if (found != null && !found.equals(diagnosis)) {
                        diagnosis = found;
                        changed = true;
                    }
                }));
    }

    @Override
    public byte[] state() {
        ObjectNode event = facts();
        samples.forEach(sample -> sample.put(event.withArray("samples")));
        event.put("full", true);
        return ConsoleJson.event("store", event);
    }

    @Override
    public byte @Nullable [] changes(boolean followed) {
        if (followed) {
            diagnose();
        }
        if (!changed && fresh.isEmpty()) {
            return null;
        }
        ObjectNode event = changed ? facts() : ConsoleJson.object();
        fresh.forEach(sample -> sample.put(event.withArray("samples")));
        fresh.clear();
        changed = false;
        return followed ? ConsoleJson.event("store", event) : null;
    }

    private ObjectNode facts() {
        ObjectNode facts = ConsoleJson.object();
        facts.put("name", backend.name());
        facts.put("changesAllowed", changesAllowed);
        ArrayNode capabilities = facts.putArray("capabilities");
        backend.capabilities().stream().map(Capability::name).sorted().forEach(capabilities::add);
        Limits limits = backend.limits();
        ObjectNode bounds = facts.putObject("limits");
        bounds.put("shortestTtl", limits.shortestTtl().toMillis());
        bounds.put("longestTtl", limits.longestTtl().toMillis());
        bounds.put("keyBytes", Limits.MAX_KEY_BYTES);
        bounds.put("valueBytes", Limits.MAX_VALUE_BYTES);
        bounds.put("txnWrites", Limits.MAX_TXN_WRITES);
        bounds.put("txnBytes", Limits.MAX_TXN_BYTES);
        put(facts.putObject("connection"), backend.connection());
        ArrayNode states = facts.putArray("history");
        history.forEach(status -> put(states.addObject(), status));
        Diagnosis found = diagnosis;
        if (found != null) {
            put(facts, found);
        }
        return facts;
    }

    private static void put(ObjectNode to, Diagnosis found) {
        ArrayNode members = to.putArray("members");
        for (Diagnosis.Member member : found.members()) {
            members.addObject()
                    .put("name", member.name())
                    .put("address", member.address())
                    .put("version", member.version())
                    .put("role", member.role().name())
                    .put("contact", member.contact().name())
                    .put("note", member.note());
        }
        ArrayNode findings = to.putArray("findings");
        for (Diagnosis.Finding finding : found.findings()) {
            findings.addObject()
                    .put("severity", finding.severity().name())
                    .put("what", finding.what())
                    .put("wayOut", finding.wayOut());
        }
    }

    private static void put(ObjectNode to, ConnectionStatus status) {
        to.put("state", status.state().name());
        to.put("since", status.since().toEpochMilli());
        KvException failure = status.lastFailure();
        if (failure != null) {
            to.put("failure", failure.getMessage());
        }
    }

    void close() {
        subscription.close();
    }
}
