package dev.rollcall.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.OpResult.GetDataResult;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.data.Stat;
import org.apache.zookeeper.proto.CreateRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A write whose answer was lost is settled though the server is too busy when it is first asked about. */
class DoubtsTest {
    private final RecordedWire wire = new RecordedWire();
    private final List<Written> told = new ArrayList<>();
    private byte[] receipt = new byte[0];

    @BeforeEach
    void loseAnAnswer() {
        wire.session.write(List.of(Op.setData("/d/k", new byte[1], -1)), false, () -> true, told::add);
        RecordedWire.Sent write = wire.sent.remove();
        receipt = ((CreateRequest) write.ops().get(1).toRequestRecord()).getData();
        write.answer().accept(new Reply(Code.CONNECTIONLOSS, 0, false, true, List.of()));
        wire.tell(KeeperState.Disconnected);
        assertThat(told).isEmpty();
        wire.tell(KeeperState.SyncConnected);
    }

    @AfterEach
    void close() {
        wire.close();
    }

    private void receiptsAre(byte[] data) {
        Stat stat = new Stat();
        stat.setMzxid(7);
        OpResult result = new GetDataResult(data, stat);
        wire.answer("write", new Reply(Code.OK, 8, true, true, List.of(new OpResult.CheckResult())));
        wire.answer("read", new Reply(Code.OK, 8, true, true, List.of(result)));
    }

    private static Reply busy() {
        return new Reply(Code.THROTTLEDOP, 0, true, true, List.of());
    }

    @Test
    void barrierThatAServerIsTooBusyForIsSentAgain() {
        wire.answer("write", busy());
        wire.answer("read", new Reply(Code.OK, 8, true, true, List.of(new GetDataResult(new byte[0], new Stat()))));
        assertThat(told).isEmpty();
        assertThat(wire.sent).isEmpty();
        wire.due.remove().run();
        receiptsAre(receipt);
        assertThat(told).containsExactly(new Written.Applied(7, List.of()));
        assertThat(wire.due).isEmpty();
    }

    @Test
    void receiptsThatAServerIsTooBusyForAreReadAgain() {
        wire.answer("write", new Reply(Code.OK, 8, true, true, List.of(new OpResult.CheckResult())));
        wire.answer("read", busy());
        assertThat(told).isEmpty();
        wire.due.remove().run();
        receiptsAre(new byte[] {1});
        assertThat(told).containsExactly(new Written.NotApplied(Code.CONNECTIONLOSS, true));
    }

    @Test
    void theNextConnectionSettlesWhatTheLastDidNot() {
        wire.answer("write", busy());
        wire.answer("read", busy());
        Runnable again = wire.due.remove();
        wire.tell(KeeperState.Disconnected);
        again.run();
        assertThat(wire.sent).isEmpty();
        wire.tell(KeeperState.SyncConnected);
        receiptsAre(receipt);
        assertThat(told).containsExactly(new Written.Applied(7, List.of()));
    }
}
