package dev.rollcall.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.DeadlineExceededException;
import dev.rollcall.kv.KvBackend;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Failures are of other threads, and yet a trace shows who has asked. */
class CallerFramesTest extends RegistryFixture {
    private final KvBackend backend = store.open();
    private final NodeRegistry<NodeStatus> registry = registry(backend);

    private void readsFromHere() throws InterruptedException {
        registry.node(PUMPS, "p");
    }

    private void listsFromHere() throws InterruptedException {
        registry.nodes(PUMPS);
    }

    private void writesFromHere() throws InterruptedException {
        registry.updateNode(PUMPS, "p", NodeStatus.builder("p", "h:1").build());
    }

    private void removesFromHere() throws InterruptedException {
        registry.removeNode(PUMPS, "p");
    }

    private interface Call {
        void run() throws InterruptedException;
    }

    private static Throwable failureOf(Call call) throws Exception {
        Callable<Throwable> task = () -> {
            try {
                call.run();
                throw new AssertionError("A frozen store has answered.");
            } catch (DeadlineExceededException e) {
                return e;
            }
        };
        return task.call();
    }

    private void eventuallyFailsShowing(String method, Call call) {
        CompletableFuture<Throwable> failed = new CompletableFuture<>();
        Thread caller = new Thread(
                () -> {
                    try {
                        failed.complete(failureOf(call));
                    } catch (Throwable e) {
                        failed.completeExceptionally(e);
                    }
                },
                "caller");
        caller.setDaemon(true);
        caller.start();
        eventually(() -> assertThat(failed).isDone());
        StringWriter trace = new StringWriter();
        failed.join().printStackTrace(new PrintWriter(trace, true));
        assertThat(trace.toString()).contains("CallerFramesTest." + method);
    }

    @Test
    void aTraceShowsTheCaller() {
        store.pause(backend);
        eventuallyFailsShowing("readsFromHere", this::readsFromHere);
        eventuallyFailsShowing("listsFromHere", this::listsFromHere);
        eventuallyFailsShowing("writesFromHere", this::writesFromHere);
        eventuallyFailsShowing("removesFromHere", this::removesFromHere);
        store.resume(backend);
    }
}
