package dev.rollcall.tck;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a test of the kit works with: handles on an empty store of its own, listeners, waits with a budget, and the hooks. */
public final class Kit {
    private static final BiConsumer<RecordingListener, WatchSignal> NOTHING = (listener, signal) -> {};

    static final Duration TTL = Duration.ofSeconds(30);
    private static final Duration SHORT_TTL = Duration.ofSeconds(2);
    /** How much later than it must something may come, by a clock that a busy machine slows down as well. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    /** How long operations may last where nothing disturbs them: their deadline is not the point then, whatever the machine is busy with. */
    private static final Duration UNDISTURBED = Duration.ofMinutes(1);

    private final BackendFixture fixture;
    private final boolean disturbed;
    private final KitSettings settings;
    private final Budgets budgets;
    private final LiveThreads threads;
    private final Random random;
    private final Bell bell = new Bell();
    private final List<TrackedBackend> handles = new CopyOnWriteArrayList<>();
    private final List<RecordingListener> listeners = new CopyOnWriteArrayList<>();
    private final List<TestStore> neighbours = new CopyOnWriteArrayList<>();
    private @Nullable TestStore store;
    private @Nullable KvBackend backend;
    private volatile boolean timedOut;
    private volatile @Nullable String proving;

    /** For one test, which causes faults if {@code disturbed}. */
    Kit(KitRun run, String test, boolean disturbed) {
        this.fixture = run.fixture();
        this.disturbed = disturbed;
        this.settings = run.settings();
        this.budgets = run.budgets();
        this.threads = run.threads();
        this.random = settings.random(test);
    }

    // --- The store and its handles

    /** What the backend's author gave. */
    public BackendFixture fixture() {
        return fixture;
    }

    /** The store of this test. */
    public synchronized TestStore store() {
        TestStore present = store;
        if (present == null) {
            present = requireNonNull(fixture.newStore(), "newStore()");
            store = present;
            bell.follow(present);
        }
        return present;
    }

    /** A second store of the same fixture, which shares nothing with the first. */
    public TestStore neighbour() {
        TestStore other = requireNonNull(fixture.newStore(), "newStore()");
        neighbours.add(other);
        return other;
    }

    /** The handle that most tests need only one of. */
    public synchronized KvBackend backend() {
        KvBackend present = backend;
        if (present == null) {
            present = open();
            backend = present;
        }
        return present;
    }

    /** Opens a handle, which the kit closes after the test. Its operations last longer than the fixture's deadline where no fault is caused. */
    public KvBackend open() {
        return disturbed ? openWithShortDeadline() : open(UNDISTURBED);
    }

    /** Opens a handle whose operations last as long as the fixture says, for a test that waits for their deadline. */
    KvBackend openWithShortDeadline() {
        return track(store().open());
    }

    /** Opens a handle whose operations may last this long. */
    public KvBackend open(Duration deadline) {
        return track(store().open(deadline));
    }

    /** Takes a handle into the kit's care. */
    public KvBackend track(@Nullable KvBackend handle) {
        if (handle == null) {
            throw new RuleViolation("LIFE-6", "open() returned null.");
        }
        TrackedBackend tracked = new TrackedBackend(handle);
        handles.add(tracked);
        return tracked;
    }

    /** What the fixture's hooks know {@code tracked} as. */
    public KvBackend handle(KvBackend tracked) {
        return tracked instanceof TrackedBackend known ? known.handle() : tracked;
    }

    /** How many connections of a handle the store sees; none if that cannot be told. */
    int connections(KvBackend tracked) {
        return store().connections(handle(tracked)).orElse(0);
    }

    /** A directory for the test's keys. */
    public Directory dir() {
        return Directory.of("/kit");
    }

    /** A key below {@link #dir()}. */
    public Key key(String relativePath) {
        return dir().key(relativePath);
    }

    /** Random choices that the seed of the run repeats. */
    public Random random() {
        return random;
    }

    /** How the run goes. */
    public KitSettings settings() {
        return settings;
    }

    /** {@code count}, scaled by {@code tck.size}; at least 1. */
    public int sized(int count) {
        return (int) Math.max(1, Math.round(count * settings.size()));
    }

    /** The threads that are alive and that this test answers for. */
    Set<Thread> liveThreads() {
        return threads.now();
    }

    /** Says which rule the assertions that follow are about, where a test is about several and they do not name it themselves. */
    void proves(String rule) {
        proving = rule;
    }

    /** Takes back what {@link #proves} has said. */
    void provesNothing() {
        proving = null;
    }

    /** What {@link #proves} has said last, or null. */
    @Nullable
    String proving() {
        return proving;
    }

    // --- Waiting

    /** How long something may take that must come. */
    public Duration patience() {
        return budgets.await();
    }

    /** The result of a future, or what it failed with. A future that does not complete breaks LIFE-1. */
    public <T> T await(CompletableFuture<T> future) {
        if (!bell.await(budgets.await(), future)) {
            timedOut = true;
            throw new RuleViolation(
                    "LIFE-1",
                    "A future did not complete within " + budgets.await().toMillis()
                            + " ms. Check that every path completes it, and that the deadline is armed before anything is sent.");
        }
        try {
            return Futures.await(future);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The test was interrupted.", e);
        }
    }

    /** Whether {@code future} ends within {@code limit} by a clock that a busy machine slows down as well. */
    boolean isDoneFairly(Duration limit, CompletableFuture<?> future) {
        future.whenComplete((result, failure) -> bell.ring());
        return bell.awaitFairly(budgets.scaled(limit), future::isDone);
    }

    /** The failure of a future, which must be exactly of this type and keep the rules for every failure. */
    public <X extends KvException> X failure(CompletableFuture<?> future, Class<X> type) {
        Throwable failure = failureOf(future);
        if (!type.isInstance(failure)) {
            throw new AssertionError(
                    "Expected a failure with " + type.getSimpleName() + ", but it was " + failure + ".", failure);
        }
        return type.cast(failure);
    }

    /** The failure of a future, which must keep the rules for every failure. */
    public KvException failure(CompletableFuture<?> future) {
        return failure(future, KvException.class);
    }

    private Throwable failureOf(CompletableFuture<?> future) {
        if (!bell.await(budgets.await(), future)) {
            await(future);
        }
        if (!future.isCompletedExceptionally()) {
            throw new AssertionError("Expected a failure, but the operation succeeded with " + future.join() + ".");
        }
        Throwable raw =
                requireNonNull(future.handle((result, failure) -> failure).join());
        Failures.judge(raw);
        return raw;
    }

    /** Whether the future succeeded; false if it failed by the rules for failures. */
    public boolean succeeded(CompletableFuture<?> future) {
        if (!bell.await(budgets.await(), future)) {
            await(future);
        }
        if (future.isCompletedExceptionally()) {
            failureOf(future);
            return false;
        }
        return true;
    }

    /** Whether {@code condition} becomes true within the time that events get. */
    boolean comesTrue(BooleanSupplier condition) {
        return bell.await(budgets.await(), condition);
    }

    /** Waits until {@code condition} holds. */
    public void eventually(String expectation, BooleanSupplier condition) {
        boolean holds = bell.await(budgets.await(), condition);
        verifyListeners();
        if (!holds) {
            timedOut = true;
            throw new AssertionError("Expected within " + budgets.await().toMillis() + " ms: " + expectation + seen());
        }
    }

    /** Waits until {@code condition}, which {@code rule} promises, holds. */
    public void eventually(String rule, String expectation, BooleanSupplier condition) {
        eventually(rule, () -> expectation, condition);
    }

    /** Waits until {@code condition}, which {@code rule} promises, holds; the expectation is only put into words if it does not. */
    void eventually(String rule, Supplier<String> expectation, BooleanSupplier condition) {
        boolean holds = bell.await(budgets.await(), condition);
        verifyListeners();
        if (!holds) {
            timedOut = true;
            throw new RuleViolation(
                    rule, "Expected within " + budgets.await().toMillis() + " ms: " + expectation.get() + seen());
        }
    }

    /** Waits a little for what must not happen. Only for what no later event can fence off. */
    public void never(String rule, String what, BooleanSupplier condition) {
        if (bell.await(budgets.quiet(), condition)) {
            throw new RuleViolation(rule, "This must not happen: " + what);
        }
    }

    /** Lets {@code time} pass, at once where time is virtual. */
    public void elapse(Duration time) {
        bell.pass(time, () -> false);
    }

    /**
     * Lets at most {@code time} pass, until {@code condition} holds; returns whether it does. For what must happen within that time: the
     * threads that it wakes are real, and have a second more by a clock that a busy machine slows down as well; for the store no time passes then.
     */
    public boolean elapseUntil(Duration time, BooleanSupplier condition) {
        return bell.pass(time, condition) || bell.settleFairly(GRACE, condition);
    }

    /** Whether {@code condition} comes to hold while {@code time} passes: for what must not happen so soon, and may soon afterwards. */
    public boolean happensWithin(Duration time, BooleanSupplier condition) {
        return bell.pass(time, condition)
                || (!bell.isReal() && bell.settle(budgets.quiet().multipliedBy(5), condition));
    }

    /** Whether time is virtual, and long times cost nothing. */
    public boolean isTimeVirtual() {
        store();
        return bell.isVirtual();
    }

    /** A moment on the clock that the store goes by. */
    long storeNanos() {
        store();
        return bell.nanoTime();
    }

    /**
     * Whether the wait before, {@link #happensWithin}, says anything about who has to act every {@code period}: not if the machine kept the
     * test itself from looking for as long as that.
     */
    public boolean everybodyHadATurnWithin(Duration period) {
        return bell.longestGap().compareTo(period) < 0;
    }

    private String seen() {
        StringBuilder text = new StringBuilder(".");
        for (RecordingListener listener : listeners) {
            text.append(System.lineSeparator()).append("  Seen by ").append(listener);
        }
        return text.toString();
    }

    void verifyListeners() {
        listeners.forEach(RecordingListener::verify);
    }

    // --- Short forms

    /** Puts a text, waits, and returns the revision. */
    public long put(Key key, String value) {
        return put(backend(), key, value);
    }

    /** Puts a text, waits, and returns the revision. */
    public long put(KvBackend on, Key key, String value) {
        return await(on.put(key, Bytes.ofUtf8(value))).revision();
    }

    /** Deletes a key, waits, and returns the revision. */
    public long delete(Key key) {
        return await(backend().delete(key)).revision();
    }

    /** The text of a key, or null if it is absent. */
    public @Nullable String read(KvBackend on, Key key) {
        return await(on.get(key)).value().map(Bytes::utf8).orElse(null);
    }

    /** What a directory holds. */
    public Cut list(KvBackend on, Directory directory) {
        return Cut.of(await(on.list(directory)));
    }

    /** Commits and notes what was acknowledged. */
    long commit(KvBackend on, Txn txn, WriteLog log) {
        Commit commit = await(on.commit(txn));
        log.add(commit.revision(), txn);
        return commit.revision();
    }

    /** Grants a lease that does not end by itself, even if its holder gets no turn to renew it for long. */
    public Lease lease(KvBackend on) {
        return lease(on, TTL);
    }

    /** Grants a lease of the shortest ttl that leaves room for a test's own steps, for who waits for its end. */
    public Lease shortLease(KvBackend on) {
        return lease(on, SHORT_TTL);
    }

    /** Grants a lease of about this ttl. */
    public Lease lease(KvBackend on, Duration ttl) {
        return await(on.grantLease(on.limits().clamp(ttl)));
    }

    /** Revokes a lease and waits. */
    public void revoke(Lease lease) {
        await(lease.revoke());
        Expect.that(
                "LEASE-9",
                !lease.isHeld(),
                () -> "revoke() was acknowledged, but isHeld() of the lease is still true.");
    }

    /** Whether {@code failure} left no effect. */
    static boolean notApplied(KvException failure) {
        return failure.outcome() == Outcome.NOT_APPLIED;
    }

    // --- Watches

    /** Starts a watch. */
    public RecordingListener watch(KvBackend on, Directory directory, WatchStart start) {
        return watch(on, directory, start, NOTHING);
    }

    /** Starts a watch whose listener does this after it has recorded a signal. */
    public RecordingListener watch(
            KvBackend on, Directory directory, WatchStart start, BiConsumer<RecordingListener, WatchSignal> reaction) {
        RecordingListener listener = new RecordingListener(directory, start, bell, reaction);
        listeners.add(listener);
        listener.started(on.watch(directory, start, listener));
        return listener;
    }

    /** Watches {@link #dir()} from a snapshot and waits for it. */
    public RecordingListener watching(KvBackend on) {
        RecordingListener listener = watch(on, dir(), WatchStart.snapshot());
        eventually("WATCH-1", "a watch from a snapshot delivers the snapshot", () -> listener.revision() >= 0);
        return listener;
    }

    /** Waits until a watch holds {@code value} at {@code key}. */
    public void awaitHeld(RecordingListener listener, Key key, String value) {
        eventually(
                "WATCH-5",
                "the watch delivers " + key + " with '" + value + "'",
                () -> listener.held(key)
                        .filter(entry -> entry.value().utf8().equals(value))
                        .isPresent());
    }

    /**
     * Writes a key of the watched directory and waits for it: by then all earlier signals have been delivered, so that no test has to wait for a time-out.
     */
    public long fence(RecordingListener listener) {
        Key fence = listener.directory().key("zz-fence-" + listener.signals().size());
        long revision = put(fence, "fence");
        awaitHeld(listener, fence, "fence");
        return revision;
    }

    /** Waits until a watch has reached what the directory holds now. */
    public void converge(RecordingListener listener, KvBackend reader) {
        converge("WATCH-11", listener, reader);
    }

    /** Waits until a watch has reached what the directory holds now, as {@code rule} promises. */
    public void converge(String rule, RecordingListener listener, KvBackend reader) {
        Cut truth = list(reader, listener.directory());
        eventually(
                rule,
                "the watch reaches the state of the store at revision " + truth.revision(),
                () -> listener.held().entries().equals(truth.entries()));
    }

    /** Waits for the end of a watch and returns its cause. */
    public @Nullable KvException awaitEnd(RecordingListener listener) {
        eventually("WATCH-12", "the watch ends", listener::hasEnded);
        return listener.cause();
    }

    // --- After the test

    boolean timedOut() {
        return timedOut;
    }

    void ringBell() {
        bell.ring();
    }

    List<TrackedBackend> handles() {
        return List.copyOf(handles);
    }

    List<RecordingListener> listeners() {
        return List.copyOf(listeners);
    }

    /** Every store of this test, to be closed. */
    synchronized List<TestStore> stores() {
        List<TestStore> all = new ArrayList<>(neighbours);
        if (store != null) {
            all.add(store);
        }
        return all;
    }
}
