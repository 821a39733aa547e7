package dev.rollcall.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** That the fixture says what it can and what it cannot; proves no rule, but without it the others would mean little. */
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
        assertThat(kit.list(kit.backend(), dev.rollcall.kv.Directory.ROOT).entries())
                .as("the entries of a new store; check that newStore() isolates each test")
                .isEmpty();
    }
}
