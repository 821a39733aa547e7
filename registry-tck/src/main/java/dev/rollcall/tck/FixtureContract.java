package dev.rollcall.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Directory;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** That the fixture declares each hook as given or absent; proves no rule, but the other tests rely on it. */
public interface FixtureContract extends Contract {
    @Test
    default void everyHookIsGivenOrDeclaredAbsent(Kit kit) {
        BackendFixture fixture = kit.fixture();
        assertThat(Arrays.stream(Hook.values())
                        .filter(hook -> fixture.hooks().contains(hook)
                                == fixture.absentHooks().containsKey(hook)))
                .as("hooks that are neither in hooks() nor in absentHooks(), or in both")
                .isEmpty();
        assertThat(fixture.absentHooks())
                .allSatisfy((hook, reason) -> assertThat(reason)
                        .as("the reason why %s is absent", hook)
                        .isNotBlank());
    }

    @Test
    default void newStoreIsEmpty(Kit kit) {
        assertThat(kit.list(kit.backend(), Directory.ROOT).entries())
                .as("the entries of a new store; check that newStore() isolates each test")
                .isEmpty();
    }
}
