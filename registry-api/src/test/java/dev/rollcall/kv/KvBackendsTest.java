package dev.rollcall.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class KvBackendsTest {
    @Test
    void saysWhichSchemesThereAre() {
        // This module has no provider on its class path.
        assertThat(KvBackends.schemes()).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KvBackends.open("redis://user:s3cret@h/p"))
                .withMessage(
                        "No backend for the scheme 'redis'. Available: none; put a backend's jar on the class path.");
    }
}
