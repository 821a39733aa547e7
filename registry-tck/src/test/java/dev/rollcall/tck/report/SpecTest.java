package dev.rollcall.tck.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class SpecTest {
    private static final String RULE = "### A-1\nIt MUST be so.\n> Intent: because.\n";

    @Test
    void shippedContractIsReadWhole() {
        Spec spec = Spec.shipped();
        assertThat(spec.version()).isEqualTo(1);
        assertThat(spec.rules()).hasSizeGreaterThanOrEqualTo(88);
        SpecRule watch = spec.rule("WATCH-16").orElseThrow();
        assertThat(watch.capability()).contains("HISTORY");
        assertThat(watch.text()).startsWith("A history watch MUST deliver one `Changes`");
        assertThat(watch.intent()).isEqualTo("audit and replication, where the store can.");
        assertThat(watch.area()).isEqualTo("WATCH");
        assertThat(spec.rules()).filteredOn(rule -> !rule.isMust()).isEmpty();
    }

    @Test
    void partsOfARuleAreToldApart() {
        Spec spec = Spec.parse(
                "Version 3.\n\n## Title\n\n### AB-12\nCapability: HISTORY\nUntested: no way\nFirst,\nit MAY go on.\n"
                        + "> Intent: one\n> two.\n\n## Next\ntext\n");
        assertThat(spec.version()).isEqualTo(3);
        assertThat(spec.rules()).singleElement().satisfies(rule -> {
            assertThat(rule.id()).isEqualTo("AB-12");
            assertThat(rule.text()).isEqualTo("First, it MAY go on.");
            assertThat(rule.intent()).isEqualTo("one two.");
            assertThat(rule.capability()).contains("HISTORY");
            assertThat(rule.untested()).contains("no way");
            assertThat(rule.isMust()).isFalse();
        });
    }

    @Test
    void doctoredContractsAreRefused() {
        refused(RULE, "Version");
        refused("Version 1.\nnothing", "no rules");
        refused("Version 1.\n" + RULE + RULE, "stated twice");
        refused("Version 1.\n### lower-1\nIt MUST.\n> Intent: x\n", "'lower-1' is not the id");
        refused("Version 1.\n### A-1\n> Intent: x\n", "needs a text");
        refused("Version 1.\n### A-1\nIt MUST.\n", "needs a text");
        refused("Version 1.\n### A-1\nUntested:\nIt MUST.\n> Intent: x\n", "untested without a reason");
    }

    private static void refused(String text, String reason) {
        assertThatIllegalArgumentException().isThrownBy(() -> Spec.parse(text)).withMessageContaining(reason);
    }
}
