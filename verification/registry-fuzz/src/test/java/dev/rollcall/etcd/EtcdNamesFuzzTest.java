package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.rollcall.fuzz.FuzzTarget;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Snapshot;
import java.util.List;

/** Names and values that other clients have put into etcd, beside an entry of ours. */
class EtcdNamesFuzzTest extends FuzzTarget {
    private static final KeySpace SPACE = new KeySpace("/apps/demo");
    private static final Key OURS = Key.of("/a/ours");

    @Override
    protected List<byte[]> seeds() {
        return texts(
                "/apps/demo/a/b", "/apps/demo", "/apps/demo//x", "/apps/demonstration/x", "/apps/demo/a/\u00e9", "x");
    }

    @Override
    protected List<String> words() {
        return List.of("/apps/demo", "/", "/.", "/..", "\uFFFD");
    }

    @Override
    protected void check(byte[] input) {
        ByteString name = ByteString.copyFrom(input);
        Key key = SPACE.key(name);
        if (key != null) {
            assertThat(SPACE.name(key)).isEqualTo(name);
        }
        Snapshot list = ListResults.snapshot(
                SPACE, Directory.ROOT, List.of(stored(SPACE.name(OURS), "ours"), stored(name, "theirs")), 9);
        assertThat(list.entries()).extracting(KeyValue::key).contains(OURS);
        assertThat(list.entries()).hasSize(key == null ? 1 : 2);
        assertThat(list.entries().get(0).value()).isEqualTo(Bytes.ofUtf8("ours"));
    }

    private static io.etcd.jetcd.api.KeyValue stored(ByteString name, String value) {
        return io.etcd.jetcd.api.KeyValue.newBuilder()
                .setKey(name)
                .setValue(ByteString.copyFromUtf8(value))
                .setModRevision(7)
                .build();
    }
}
