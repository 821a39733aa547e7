package dev.rollcall.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.fuzz.FuzzTarget;
import dev.rollcall.kv.Key;
import java.util.List;

/** Paths of nodes that other clients have made. */
class ZooKeeperPathsFuzzTest extends FuzzTarget {
    private static final Layout LAYOUT = Layout.of("/apps/demo");

    @Override
    protected List<byte[]> seeds() {
        return texts(
                "/apps/demo/a/b",
                "/apps/demo",
                "/apps/demo.rollcall/g1",
                "/apps/demonstration/x",
                "/apps/demo/\u00e9",
                "/");
    }

    @Override
    protected List<String> words() {
        return List.of("/apps/demo", "/", "/.", "/..", ".rollcall", "\uE000");
    }

    @Override
    protected void check(byte[] input) {
        String path = new String(input, UTF_8);
        Key key = LAYOUT.keyOf(path);
        if (key == null) {
            return;
        }
        assertThat(LAYOUT.isBelowRoot(path)).isTrue();
        assertThat(LAYOUT.path(key)).isEqualTo(path);
        assertThat(LAYOUT.isStripe(path)).isFalse();
        assertThat(LAYOUT.stripes()).contains(LAYOUT.stripeOf(path));
        assertThat(LAYOUT.between(path))
                .hasSize((int) key.path().chars().filter(c -> c == '/').count() - 1);
    }
}
