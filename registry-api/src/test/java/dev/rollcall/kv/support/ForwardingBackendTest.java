package dev.rollcall.kv.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.ConnectionStatus;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.Limits;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.WatchStart;
import dev.rollcall.kv.Write;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Goes through the methods that {@code KvBackend} has, so that one which comes later is judged as well. */
class ForwardingBackendTest {
    private static final Key KEY = Key.of("/a/b");

    private record Asked(
            Method method, List<Object> arguments, @Nullable Object answer) {}

    private final List<Asked> asked = new ArrayList<>();
    private final KvBackend delegate = proxy(KvBackend.class);

    private <T> T proxy(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    if (method.getDeclaringClass() == Object.class) {
                        return switch (method.getName()) {
                            case "equals" -> self == arguments[0];
                            case "hashCode" -> System.identityHashCode(self);
                            default -> type.getSimpleName();
                        };
                    }
                    Object answer = method.getReturnType() == void.class ? null : sample(method.getReturnType());
                    asked.add(new Asked(method, arguments == null ? List.of() : List.of(arguments), answer));
                    return answer;
                }));
    }

    private Object sample(Class<?> type) {
        return Stream.<Object>of(
                        "text",
                        7L,
                        KEY,
                        KEY.parent(),
                        Bytes.EMPTY,
                        Duration.ofSeconds(5),
                        ReadConsistency.SEQUENTIAL,
                        Txn.of(new Write.Delete(KEY)),
                        WatchStart.after(7),
                        UnaryOperator.<Bytes>identity(),
                        Set.of(),
                        new Limits(Duration.ofSeconds(1), Duration.ofMinutes(1)),
                        new ConnectionStatus(ConnectionState.CONNECTED, Instant.EPOCH, null),
                        new CompletableFuture<>())
                .filter(value -> type.isInstance(value) || (type == long.class && value instanceof Long))
                .findFirst()
                .orElseGet(() -> proxy(type));
    }

    private Object[] samples(Method method) {
        return Arrays.stream(method.getParameterTypes()).map(this::sample).toArray();
    }

    static Stream<Method> ofABackend() {
        return Arrays.stream(KvBackend.class.getMethods()).filter(method -> !Modifier.isStatic(method.getModifiers()));
    }

    /** Those of which a backend must write its own, or knows more than the default does. */
    static Stream<Method> primitives() {
        return ofABackend()
                .filter(method -> !method.isDefault() || method.getName().equals("diagnose"));
    }

    static Stream<Method> builtOnThem() {
        return ofABackend()
                .filter(method -> method.isDefault() && !method.getName().equals("diagnose"));
    }

    @ParameterizedTest
    @MethodSource("primitives")
    void whatABackendMustWriteIsTheDelegates(Method method) throws ReflectiveOperationException {
        Object[] arguments = samples(method);
        Object answer = method.invoke(new ForwardingBackend(delegate) {}, arguments);
        assertThat(asked).singleElement().satisfies(call -> {
            assertThat(call.method()).isEqualTo(method);
            assertThat(call.arguments()).containsExactly(arguments);
            assertThat(call.answer()).isSameAs(answer);
        });
    }

    /** Whoever overrides one of the three sees all that is built on it, and nothing goes past to the delegate. */
    @ParameterizedTest
    @MethodSource("builtOnThem")
    void whatIsBuiltOnThatIsBuiltOnTheSubclass(Method method) throws ReflectiveOperationException {
        List<String> own = new ArrayList<>();
        ForwardingBackend subclass = new ForwardingBackend(delegate) {
            @Override
            public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
                own.add("get");
                return new CompletableFuture<>();
            }

            @Override
            public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
                own.add("list");
                return new CompletableFuture<>();
            }

            @Override
            public CompletableFuture<Commit> commit(Txn txn) {
                own.add("commit");
                return new CompletableFuture<>();
            }
        };
        method.invoke(subclass, samples(method));
        assertThat(own)
                .as(
                        "A method with a default that ends in none of these is forwarded by ForwardingBackend, as diagnose is.")
                .hasSize(1);
        assertThat(asked).isEmpty();
    }
}
