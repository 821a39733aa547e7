package dev.rollcall.zookeeper;

import static dev.rollcall.fuzz.Refusals.SECRET;
import static dev.rollcall.fuzz.Refusals.assertSentence;
import static dev.rollcall.fuzz.Refusals.messageOf;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.fuzz.FuzzTarget;
import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.Key;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Stream;

class ZooKeeperConfigFuzzTest extends FuzzTarget {
    @Override
    protected List<byte[]> seeds() {
        return texts(
                "zookeeper://ann:" + SECRET + "@h1:2182,h2/apps/demo?timeout=2s&sessionTimeout=20s&acl=open",
                "zookeeper://[::1],[fe80::1%251]:1/r?sasl=false&batching=false",
                "zookeeper://h/r?tls=true&keyStorePassword=" + SECRET + "&trustStorePassword=" + SECRET
                        + "&tlsVerifyHostname=no",
                "zookeeper://h/r?tls=true&keyStore=%00&keyStorePassword=" + SECRET,
                "zookeeper://h/r?acl=digest:ann:" + SECRET + ":cdrwa,world:anyone:x",
                "zookeeper://h/r?acl=digest:ann:hash:cdrwa,world:anyone:r",
                "zookeeper://h/r?saslContext=a%0Ab",
                "zookeeper://h/a.rollcall/b",
                "zookeeper://h/zookeeper/x",
                "zookeeper://h/" + "r".repeat(130),
                "zookeeper://an%3An:" + SECRET + "@h/r");
    }

    @Override
    protected List<String> words() {
        return List.of(
                "zookeeper://",
                "&acl=",
                "&tls=true",
                "&keyStore=",
                "&keyStoreType=",
                "&saslContext=",
                "&timeout=",
                ".rollcall",
                "creator",
                "%00",
                "%0A",
                "[::1]",
                ":cdrwa",
                "2h",
                "/");
    }

    @Override
    protected void check(byte[] input) {
        String text = new String(input, UTF_8);
        BackendUrl url;
        try {
            url = BackendUrl.parse(text);
        } catch (IllegalArgumentException e) {
            return;
        }
        // Where a change has carried it elsewhere, it is no secret any more.
        boolean secret = Stream.of(
                        url.password(),
                        url.option("keyStorePassword"),
                        url.option("trustStorePassword"),
                        url.option("acl"))
                .anyMatch(value -> value.orElse("").contains(SECRET));
        boolean shown = Stream.of(
                                "timeout", "sessionTimeout", "batching", "tls", "keyStore", "trustStore", "saslContext")
                        .anyMatch(name -> url.option(name).orElse("").contains(SECRET))
                || (url.path() + url.hosts() + url.user()).contains(SECRET)
                || text.matches("(?s).*" + SECRET + "[^&]*=.*")
                || text.matches("(?s).*[?&](?!(keyStorePassword|trustStorePassword|acl)=)[^&]*" + SECRET + ".*");
        ZooKeeperConfig config;
        try {
            config = ZooKeeperConfig.of(url);
        } catch (IllegalArgumentException e) {
            if (secret && !shown) {
                assertSentence(e);
            }
            assertThat(messageOf(e)).endsWith(".");
            assertThat(messageOf(e).chars().filter(Character::isISOControl)).isEmpty();
            return;
        }
        if (secret && !shown) {
            assertThat(config.toString()).doesNotContain(SECRET);
        }
        assertThat(config.timeout()).isPositive();
        assertThat(config.clientConfig()).isNotNull();
        assertThat(config.access().own()).isNotEmpty();
        for (String host : config.ensemble().known()) {
            InetSocketAddress address = Endpoints.address(host);
            assertThat(address.getPort()).isBetween(1, 65_535);
            assertThat(address.getHostString()).isNotEmpty();
        }
        String path = config.layout().path(Key.of("/k"));
        assertThat(config.layout().keyOf(path)).isEqualTo(Key.of("/k"));
        assertThat(config.layout().isBelowRoot(config.layout().own())).isFalse();
    }
}
