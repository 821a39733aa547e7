package dev.rollcall.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Write;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrackedBackendTest {
    private static final Key KEY = Key.of("/a/b");

    private final List<Method> asked = new ArrayList<>();

    private static <T> T proxy(Class<T> type, List<Method> asked) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    asked.add(method);
                    return new CompletableFuture<>();
                }));
    }

    private static Object sample(Class<?> type) {
        return Stream.<Object>of(
                        7L,
                        KEY,
                        KEY.parent(),
                        Bytes.EMPTY,
                        Duration.ofSeconds(5),
                        ReadConsistency.SEQUENTIAL,
                        Txn.of(new Write.Delete(KEY)),
                        UnaryOperator.<Bytes>identity())
                .filter(value -> type.isInstance(value) || (type == long.class && value instanceof Long))
                .findFirst()
                .orElseGet(() -> proxy(type, new ArrayList<>()));
    }

    static Stream<Method> operations() {
        return Arrays.stream(KvBackend.class.getMethods())
                .filter(method -> method.getReturnType() == CompletableFuture.class);
    }

    /** What the kit tests is each method as the backend has it, and not what another one is built on. */
    @ParameterizedTest
    @MethodSource("operations")
    void operationIsTheHandlesOwn(Method operation) throws ReflectiveOperationException {
        TrackedBackend tracked = new TrackedBackend(proxy(KvBackend.class, asked));
        Object[] arguments = Arrays.stream(operation.getParameterTypes())
                .map(TrackedBackendTest::sample)
                .toArray();
        Object future = operation.invoke(tracked, arguments);
        assertThat(asked).containsExactly(operation);
        assertThat(tracked.pending()).hasSize(1).first().isSameAs(future);
    }
}
