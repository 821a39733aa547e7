package dev.rollcall.kv.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostAndPortTest {
    private static final int ABSENT = 7;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "${HOST}",
                "ho|st",
                "{{host}}",
                "-a",
                "a..b",
                "10.0.0.300",
                "10.0.0",
                "[::1",
                "[1.2.3.4]",
                "[1:2]",
                "hóst",
                "a*b"
            })
    void aHostThatCanNeverBeFoundIsRefused(String host) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HostAndPort.of(host + ":2181", ABSENT))
                .withMessageContaining(host.contains("[") ? "[" : host);
    }

    @ParameterizedTest
    @CsvSource({
        "a, a, 7",
        "a:1, a, 1",
        "zk_1:1, zk_1, 1",
        "a.b-c.example.:9, a.b-c.example., 9",
        "10.0.0.1:2, 10.0.0.1, 2",
        "[::1], [::1], 7",
        "[fe80::1]:7, [fe80::1], 7"
    })
    void aHostIsReadAsItIsWritten(String text, String host, int port) {
        assertThat(HostAndPort.of(text, ABSENT)).isEqualTo(new HostAndPort(host, port));
    }
}
