package dev.rollcall.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.tck.report.Spec;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RuleIndexTest {
    private static final String DOCTORED = """
            Version 7.

            ### A-1
            It MUST be so.
            > Intent: because.

            ### A-2
            It MUST be tested, and is not.
            > Intent: because.

            ### A-3
            It MAY be so.
            > Intent: because.

            ### A-4
            Untested: needs a second moon
            It MUST shine.
            > Intent: because.

            ### A-5
            Untested: cannot be seen
            It MUST hide.
            > Intent: because.
            """;

    interface DoctoredTck {
        @Test
        @Rule("A-1")
        default void provesOne() {}

        @Test
        @Rule({"A-1", "B-9"})
        default void namesAnUnknownRule() {}

        @Test
        @Rule("A-5")
        default void testsTheUntestable() {}

        @Test
        default void provesNothing() {}
    }

    @Test
    void everyMustHasATestAndEveryTestKnownRules() {
        assertThat(RuleIndex.ofKit().problems(Spec.shipped())).isEmpty();
    }

    @Test
    void onlyTheFixturesOwnTestsProveNoRule() {
        assertThat(RuleIndex.ofKit().testsWithoutRule())
                .isNotEmpty()
                .allSatisfy(name -> assertThat(name).startsWith("FixtureContract."));
    }

    @Test
    void everyTestOfTheKitTakesTheKitAndIsADefaultMethod() {
        assertThat(Arrays.stream(KvBackendTck.class.getMethods())
                        .filter(method -> method.isAnnotationPresent(Test.class)))
                .hasSizeGreaterThan(100)
                .allSatisfy(method -> {
                    assertThat(method.isDefault()).isTrue();
                    assertThat(method.getParameterTypes()).containsExactly(Kit.class);
                    assertThat(Modifier.isPublic(method.getDeclaringClass().getModifiers()))
                            .isTrue();
                });
    }

    @Test
    void gapsOfADoctoredContractAreSeen() {
        assertThat(RuleIndex.of(DoctoredTck.class).problems(Spec.parse(DOCTORED)))
                .containsExactlyInAnyOrder(
                        "The rule A-2 is a MUST without a test; write one, or mark it 'Untested: <reason>'.",
                        "The rule A-5 is marked untested, but DoctoredTck.testsTheUntestable tests it.",
                        "The test DoctoredTck.namesAnUnknownRule names the rule B-9, which the contract does not have.");
        assertThat(RuleIndex.of(DoctoredTck.class).testsWithoutRule()).containsExactly("DoctoredTck.provesNothing");
    }
}
