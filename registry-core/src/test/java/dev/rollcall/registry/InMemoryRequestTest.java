package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.rollcall.kv.DeadlineExceededException;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class InMemoryRequestTest extends RequestSuite {
    @Test
    void requestThatIsNotAnsweredIsWithdrawn() throws InterruptedException {
        KvBackend owner = store.open();
        Registration<NodeStatus> registration =
                registry(owner).register(PUMPS, "p", status("p"), RegistrationMode.PERSISTENT);
        eventually(() -> assertThat(registration.state()).isEqualTo(RegistrationState.REGISTERED));
        NodeRegistry<NodeStatus> asking = registry();
        store.cut(owner);
        CompletableFuture<Void> asked = CompletableFuture.runAsync(() -> {
            try {
                asking.request(PUMPS, "p", NodeRequest.DRAIN, "ops");
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        // Before time passes, or the owner's lease might end before it is asked.
        await().atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> assertThat(Futures.await(handle.get(key(".rollcall/requests/pumps/p")))
                                .isPresent())
                        .isTrue());
        eventually(() -> assertThat(asked).isDone());
        assertThatThrownBy(asked::join).hasCauseInstanceOf(DeadlineExceededException.class);
        eventually(() -> assertThat(Futures.await(handle.get(key(".rollcall/requests/pumps/p")))
                        .isPresent())
                .isFalse());
    }
}
