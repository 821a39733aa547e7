package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.inmemory.InMemoryStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Options of the store before the verb, and what is said of a command line that holds a password. */
class StoreOptionsFirstTest {
    private static final String STORE = "options-first-test";

    @AfterEach
    void dropStore() {
        InMemoryStore.drop(STORE);
    }

    @ParameterizedTest
    @CsvSource({
        "--backend U get /a,                  get /a --backend U",
        "--backend=U -t 5s get /a,            get /a --backend=U -t 5s",
        "-bU -t5s nodes list pumps,           nodes list pumps -bU -t5s",
        "--context prod lock /d -- ls -b x,   lock /d --context prod -- ls -b x",
        "get /a --backend U,                  get /a --backend U",
        "--backend U,                         --backend U",
        "--backend,                           --backend",
        "--backend U --help,                  --backend U --help",
        "--version,                           --version",
        "-x get /a,                           -x get /a",
        "--backends U get /a,                 --backends U get /a"
    })
    void standBehindTheVerbThen(String typed, String meant) {
        assertThat(StoreOptionsFirst.behindVerb(typed.split(" "))).containsExactly(meant.split(" "));
    }

    @Test
    void storeIsFoundByThem() {
        String url = "inmemory:" + STORE;
        assertThat(Run.of("--backend", url, "put", "/a", "1").code()).isEqualTo(ExitCode.OK);
        assertThat(Run.of("-b", url, "--timeout=5s", "get", "/a", "--raw").out())
                .isEqualTo("1");
        assertThat(Run.of("--timeout", "never", "get", "/a", "-b", url).code()).isEqualTo(ExitCode.USAGE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "get /a etcd://root:s3cret@127.0.0.1:1/x",
                "etcd://root:s3cret@127.0.0.1:1/x get /a",
                "get etcd://root:s3cret@127.0.0.1:1/x",
                "get etcd:root:s3cret@127.0.0.1:1",
                "get /a --backened etcd://root:s3cret@127.0.0.1:1/x",
                "get /a --backened=etcd://root:s3cret@127.0.0.1:1/x",
                "get /a -b etcd://127.0.0.1:1 --timeout zookeeper://u:s3cret@h/x",
                "get /a --output=etcd://h/x?password=s3cret",
                "--backends etcd://root:s3cret@127.0.0.1:1/x get /a",
                "--backend etcd://root:s3cret@127.0.0.1:1/x",
                "help etcd://root:s3cret@127.0.0.1:1/x",
                "context use etcd://root:s3cret@127.0.0.1:1/x",
                "context etcd://root:s3cret@127.0.0.1:1/x",
                "--user root:s3cret get /a",
                "get /a --user=root:s3cret",
                "get /a --user root --password s3cret"
            })
    void passwordInAMisplacedUrlIsNotShown(String line) {
        Run run = Run.of(line.split(" "));
        assertThat(run.code()).isNotEqualTo(ExitCode.OK);
        assertThat(run.err()).startsWith("rollcall: ").doesNotContain("s3cret");
        assertThat(run.out()).doesNotContain("s3cret");
    }
}
