package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.kv.Changes;
import dev.rollcall.kv.ConnectionListener;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.ConnectionStatus;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.support.ForwardingBackend;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A view on a store that answers, breaks off and tells just when the test says so. */
class NodeViewOutageTest extends RegistryFixture {
    private static final int LISTS = 3;

    private final Script script = new Script(handle);
    private final NodeView<NodeStatus> view = registry(script).view(PUMPS);

    private static final class Script extends ForwardingBackend {
        final List<CompletableFuture<GetResult>> gets = new CopyOnWriteArrayList<>();
        final List<CompletableFuture<Snapshot>> lists = new CopyOnWriteArrayList<>();
        private @Nullable WatchListener watch;
        private @Nullable ConnectionListener connection;
        private volatile ConnectionStatus status = status(ConnectionState.CONNECTED);

        Script(KvBackend real) {
            super(real);
        }

        private static ConnectionStatus status(ConnectionState state) {
            return new ConnectionStatus(state, Instant.EPOCH, null);
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            CompletableFuture<GetResult> answer = new CompletableFuture<>();
            gets.add(answer);
            return answer;
        }

        @Override
        public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
            CompletableFuture<Snapshot> answer = new CompletableFuture<>();
            lists.add(answer);
            return answer;
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            watch = listener;
            return super.watch(Directory.of("/nothing"), start, new Deaf());
        }

        @Override
        public ConnectionStatus connection() {
            return status;
        }

        @Override
        public Subscription onConnection(ConnectionListener listener) {
            connection = listener;
            return () -> {};
        }

        void tell(WatchSignal signal) {
            Optional.ofNullable(watch).orElseThrow().onSignal(signal);
        }

        void connection(ConnectionState state) {
            status = status(state);
            Optional.ofNullable(connection).orElseThrow().onConnection(status);
        }

        void reach(int get, long revision) {
            gets.get(get).complete(new GetResult(key("probe"), null, revision));
        }
    }

    private static final class Deaf implements WatchListener {
        @Override
        public void onSignal(WatchSignal signal) {}

        @Override
        public void onEnd(@Nullable KvException cause) {}
    }

    @Test
    void catchingUpFromOneOutageSaysNothingAboutTheNext() throws Exception {
        script.tell(new Snapshot(ROOT, List.of(), 1));
        assertThat(view.staleSince()).isEmpty();
        script.connection(ConnectionState.DISCONNECTED);
        script.connection(ConnectionState.CONNECTED);
        script.reach(0, 5);
        Optional<Instant> since = view.staleSince();
        script.connection(ConnectionState.DISCONNECTED);
        script.connection(ConnectionState.CONNECTED);
        script.reach(1, 9);
        // Completed after whoever waits for 5.
        CompletableFuture<Void> after = view.awaitRevision(6);
        script.tell(new Changes(ROOT, List.of(), 6));
        after.get(90, TimeUnit.SECONDS);
        assertThat(view.staleSince()).isPresent().isEqualTo(since);
        script.tell(new Changes(ROOT, List.of(), 9));
        eventually(() -> assertThat(view.staleSince()).isEmpty());
    }

    @Test
    void revisionThatIsNeverReachedDoesNotSlowDownOthers() throws Exception {
        script.tell(new Snapshot(ROOT, List.of(), 1));
        view.awaitRevision(1_000_000);
        for (int look = 0; look < 10; look++) {
            int looks = look + 1;
            store.advance(Duration.ofSeconds(5));
            eventuallyInRealTime(looks);
            answer(look, 1);
        }
        CompletableFuture<Void> reached = view.awaitRevision(7);
        store.advance(Duration.ofMillis(50));
        eventuallyInRealTime(11);
        answer(10, 7);
        reached.get(90, TimeUnit.SECONDS);
    }

    /** A look is a list of the kind's records, one of its claims and one of its marks. */
    private void answer(int look, long revision) {
        script.lists
                .subList(LISTS * look, LISTS * (look + 1))
                .forEach(list -> list.complete(new Snapshot(ROOT, List.of(), revision)));
    }

    private void eventuallyInRealTime(int looks) {
        await().atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> assertThat(script.lists).hasSize(LISTS * looks));
    }
}
