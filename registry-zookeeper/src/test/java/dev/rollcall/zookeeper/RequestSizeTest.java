package dev.rollcall.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.apache.jute.BinaryOutputArchive;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.MultiOperationRecord;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.junit.jupiter.api.Test;

class RequestSizeTest {
    private static final List<ACL> TWO_ENTRIES =
            List.of(new ACL(Perms.ALL, new Id("digest", "user:sält")), new ACL(Perms.READ, new Id("world", "anyone")));

    @Test
    void sizeIsThatOnTheWire() throws IOException {
        List<Op> each = List.of(
                Op.setData("/a/b", new byte[150], 7),
                Op.setData("/über/€/😀", new byte[0], -1),
                Op.setData("/none", null, -1),
                Op.create("/c", new byte[3], Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT),
                Op.create("/c/€", null, TWO_ENTRIES, CreateMode.EPHEMERAL),
                Op.check("/d", 1),
                Op.delete("/e", 2));
        for (Op op : each) {
            assertThat(RequestSize.bytes(List.of(op))).as(op.getPath()).isEqualTo(written(List.of(op)));
        }
        assertThat(RequestSize.bytes(each)).isEqualTo(written(each));
        assertThat(RequestSize.bytes(List.of())).isEqualTo(written(List.of()));
    }

    private static int written(List<Op> ops) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new MultiOperationRecord(ops).serialize(BinaryOutputArchive.getArchive(out), "request");
        return out.size();
    }
}
