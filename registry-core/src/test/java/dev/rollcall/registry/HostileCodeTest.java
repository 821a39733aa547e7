package dev.rollcall.registry;

import static dev.rollcall.registry.RegistrationMode.EPHEMERAL;
import static dev.rollcall.registry.RegistrationMode.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.support.ForwardingBackend;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** Codecs and continuations of an application that do what they should not: whatever they touch stays their own problem. */
@NullUnmarked
class HostileCodeTest extends RegistryFixture {
    /** Texts; "bad" cannot be read for a reason that is no exception, and nothing can be written once the application is gone. */
    private static class Texts implements NodeCodec<String> {
        volatile boolean gone;

        @Override
        public Bytes encode(String value) {
            return Bytes.ofUtf8(value);
        }

        @Override
        public String decode(Bytes bytes) {
            if (bytes.utf8().equals("bad")) {
                throw new AssertionError("on purpose");
            }
            return bytes.utf8();
        }

        @Override
        public boolean isAlive(String value) {
            if (value.equals("puzzling")) {
                throw new NoClassDefFoundError("on purpose");
            }
            return true;
        }

        @Override
        public String departed(String value) {
            if (gone) {
                throw new NoClassDefFoundError("on purpose");
            }
            return value;
        }
    }

    private final Texts codec = new Texts();

    private NodeRegistry<String> texts(NodeCodec<String> how) {
        return NodeRegistry.builder(handle, how).root(ROOT).time(store.time()).build();
    }

    @Test
    void errorOfACodecIsThatOfItsRecordAlone() throws InterruptedException {
        try (NodeRegistry<String> registry = texts(codec)) {
            NodeView<String> view = registry.view(PUMPS);
            put("pumps/a", "bad");
            put("pumps/b", "puzzling");
            long last = put("pumps/c", "good");
            CompletableFuture<Void> reached = view.awaitRevision(last);
            eventually(() -> assertThat(reached).isCompleted());
            assertThat(view.nodes()).extracting(Node::nodeId).containsExactlyInAnyOrder("b", "c");
            assertThat(view.get("b").isAlive()).isFalse();
            assertThat(view.unreadable()).hasSize(1);
            assertThat(registry.nodes(PUMPS).unreadable()).hasSize(1);
        }
    }

    @Test
    void errorOfACodecAtTheEndStillGivesTheIdFree() throws InterruptedException {
        try (NodeRegistry<String> registry = texts(codec)) {
            Registration<String> registration = registry.register(PUMPS, "p", "v", PERSISTENT);
            eventually(() -> assertThat(registration.registered()).isCompleted());
            codec.gone = true;
            registration.close();
            assertThat(registration.state()).isEqualTo(RegistrationState.CLOSED);
            assertThat(Futures.await(handle.get(key(".rollcall/alive/pumps/p"))).isPresent())
                    .isFalse();
        }
    }

    @Test
    void continuationOfAFinalConflictMayCloseTheRegistration() {
        NodeRegistry<NodeStatus> first = registry();
        Registration<NodeStatus> owner = first.register(PUMPS, "p", status("p"), EPHEMERAL);
        eventually(() -> assertThat(owner.registered()).isCompleted());
        Registration<NodeStatus> second = registry(store.open())
                .register(
                        PUMPS,
                        "p",
                        status("p"),
                        RegistrationOptions.of(EPHEMERAL).withHealingAfterConflict(false));
        CompletableFuture<Void> closed =
                second.registered().handle((revision, failure) -> null).thenAccept(nothing -> second.close());
        // Time does not pass, so a close that waits for what waits for it never ends.
        assertThat(closed).succeedsWithin(Duration.ofSeconds(60));
        assertThat(second.state()).isEqualTo(RegistrationState.CLOSED);
    }

    /** A store in which nothing may be written while it says so. */
    private static final class Forbidding extends ForwardingBackend {
        final AtomicInteger refused = new AtomicInteger();
        volatile boolean forbids;

        Forbidding(KvBackend real) {
            super(real);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            if (!forbids) {
                return super.commit(txn);
            }
            refused.incrementAndGet();
            return CompletableFuture.failedFuture(
                    new AccessDeniedException(new KvException.Context("x", "commit", null), "on purpose", null));
        }
    }

    @Test
    void valueThatCannotBeWrittenIsNobodyElsesChange() {
        Forbidding forbidding = new Forbidding(store.open());
        Registration<NodeStatus> registration = registry(forbidding).register(PUMPS, "p", status("p"), PERSISTENT);
        eventually(() -> assertThat(registration.registered()).isCompleted());
        List<RegistrationStatus> told = new CopyOnWriteArrayList<>();
        registration.onStatus(told::add);
        eventually(() ->
                assertThat(told).extracting(RegistrationStatus::state).last().isEqualTo(RegistrationState.REGISTERED));
        int before = told.size();
        forbidding.forbids = true;
        CompletableFuture<Long> update = registration.update(status("p").withScore(2));
        eventually(() -> assertThat(forbidding.refused.get()).isGreaterThan(10));
        assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED);
        assertThat(registration.status().reason()).contains("newer value").contains("on purpose");
        forbidding.forbids = false;
        eventually(() -> assertThat(update).isCompleted());
        eventually(() ->
                assertThat(told).extracting(RegistrationStatus::reason).last().isEqualTo("the node is in the store"));
        assertThat(told).hasSize(before + 2).noneMatch(status -> status.reason().contains("someone else"));
    }
}
