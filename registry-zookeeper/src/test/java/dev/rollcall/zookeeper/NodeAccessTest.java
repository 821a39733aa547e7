package dev.rollcall.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.Txn;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.data.ACL;
import org.junit.jupiter.api.Test;

class NodeAccessTest {
    private static final Layout LAYOUT = Layout.of("/ns/app");
    private static final Txn TXN = Txn.builder()
            .put(Key.of("/a/b/k"), Bytes.EMPTY)
            .put(Key.of("/a/l"), Bytes.EMPTY)
            .delete(Key.of("/d/m"))
            .build();

    private final List<String> asked = new ArrayList<>();

    private List<ACL> answer(String path) {
        asked.add(path);
        return path.endsWith("k") ? Ids.READ_ACL_UNSAFE : Ids.CREATOR_ALL_ACL;
    }

    @Test
    void oneListForAllLeavesWhatIsAboveTheRootOpen() {
        NodeAccess access = NodeAccess.same(Ids.CREATOR_ALL_ACL, LAYOUT);
        assertThat(access.ofStoreNode("/ns")).isEqualTo(Ids.OPEN_ACL_UNSAFE);
        assertThat(access.ofStoreNode("/ns/app")).isEqualTo(Ids.CREATOR_ALL_ACL);
        assertThat(access.ofStoreNode("/ns/app.rollcall/g1")).isEqualTo(Ids.CREATOR_ALL_ACL);
        assertThat(access.of(TXN).apply("/ns/app/a/b/k")).isEqualTo(Ids.CREATOR_ALL_ACL);
    }

    @Test
    void theApplicationIsAskedForTheRootAtOnceAndForWhatACommitMayCreateThen() {
        NodeAccess access = NodeAccess.byPath(this::answer, LAYOUT);
        assertThat(asked).containsExactly("/ns", "/ns/app");
        asked.clear();
        Function<String, List<ACL>> acls = access.of(TXN);
        assertThat(asked)
                .containsExactlyInAnyOrder("/ns/app/a/b/k", "/ns/app/a", "/ns/app/a/b", "/ns/app/a/l", "/ns/app/d/m");
        asked.clear();
        assertThat(acls.apply("/ns/app/a/b/k")).isEqualTo(Ids.READ_ACL_UNSAFE);
        assertThat(acls.apply("/ns/app/a")).isEqualTo(Ids.CREATOR_ALL_ACL);
        assertThat(access.own()).isEqualTo(Ids.CREATOR_ALL_ACL);
        assertThat(asked).as("when requests are made").isEmpty();
    }

    @Test
    void aNodeWithoutPermissionsIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeAccess.byPath(path -> List.of(), LAYOUT))
                .withMessageContaining("/ns");
        NodeAccess access = NodeAccess.byPath(path -> path.endsWith("l") ? List.of() : Ids.OPEN_ACL_UNSAFE, LAYOUT);
        assertThatIllegalArgumentException().isThrownBy(() -> access.of(TXN)).withMessageContaining("'/ns/app/a/l'");
    }
}
