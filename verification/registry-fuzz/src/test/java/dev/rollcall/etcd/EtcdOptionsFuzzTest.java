package dev.rollcall.etcd;

import static dev.rollcall.fuzz.Refusals.SECRET;
import static dev.rollcall.fuzz.Refusals.assertSentence;
import static dev.rollcall.fuzz.Refusals.messageOf;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.fuzz.FuzzTarget;
import dev.rollcall.kv.BackendUrl;
import java.util.List;
import java.util.stream.Stream;

class EtcdOptionsFuzzTest extends FuzzTarget {
    @Override
    protected List<byte[]> seeds() {
        return texts(
                "etcd://a,b:1,[::1],a:2379/x/y?timeout=2s",
                "etcd://me:" + SECRET + "@a/x?batching=false",
                "etcds://me:" + SECRET + "@a/x?ca=%2Fca.pem&cert=c&key=k&server-name=n&timeout=PT3S",
                "etcds://a?cert=c",
                "etcd://a?ca=x",
                "etcds://a?ca=%00&cert=%0A&key=%1B",
                "etcd://" + SECRET + "@a",
                "etcd:name",
                "e" + SECRET + "tcd:/a",
                "etcd://a/x/");
    }

    @Override
    protected List<String> words() {
        return List.of(
                "etcd://",
                "etcds://",
                "&ca=",
                "&cert=",
                "&key=",
                "&server-name=",
                "&timeout=",
                "&batching=",
                "%00",
                "%0A",
                "[::1]",
                "0s",
                "/..");
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
        // Where a change has carried it elsewhere, it is no password.
        boolean secret = !(url.scheme() + url.path() + url.hosts() + url.user()).contains(SECRET)
                && !text.matches("(?s).*" + SECRET + "[^&]*=.*")
                && Stream.of("ca", "cert", "key", "timeout", "batching", "prefix")
                        .noneMatch(name -> url.option(name).orElse("").contains(SECRET));
        EtcdOptions options;
        try {
            options = EtcdOptions.of(url);
        } catch (IllegalArgumentException e) {
            if (secret) {
                assertSentence(e);
            }
            assertThat(messageOf(e)).endsWith(".");
            assertThat(messageOf(e).chars().filter(Character::isISOControl)).isEmpty();
            return;
        }
        assertThat(options.endpoints())
                .isNotEmpty()
                .allSatisfy(endpoint -> assertThat(endpoint.toString()).matches("(?s)(\\[.+]|[^:]+):\\d{1,5}"));
        assertThat(options.timeout()).isPositive();
        if (secret) {
            assertThat(options.toString() + options.credentials()).doesNotContain(SECRET);
        }
    }
}
