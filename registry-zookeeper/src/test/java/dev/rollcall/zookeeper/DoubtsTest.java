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
    private final RecordedWire transport = new RecordedWire();
    private final List<WriteResult> told = new ArrayList<>();
    private byte[] receipt = new byte[0];

    @BeforeEach
    void loseAnAnswer() {
        transport.session.write(List.of(Op.setData("/d/k", new byte[1], -1)), false, () -> true, told::add);
        RecordedWire.Sent write = transport.sent.remove();
        receipt = ((CreateRequest) write.ops().get(1).toRequestRecord()).getData();
        write.answer().accept(new Reply(Code.CONNECTIONLOSS, 0, false, true, List.of()));
        transport.tell(KeeperState.Disconnected);
        assertThat(told).isEmpty();
        transport.tell(KeeperState.SyncConnected);
    }

    @AfterEach
    void close() {
        transport.close();
    }

    private void receiptsAre(byte[] data) {
        Stat stat = new Stat();
        stat.setMzxid(7);
        OpResult result = new GetDataResult(data, stat);
        transport.answer("write", new Reply(Code.OK, 8, true, true, List.of(new OpResult.CheckResult())));
        transport.answer("read", new Reply(Code.OK, 8, true, true, List.of(result)));
    }

    private static Reply busy() {
        return new Reply(Code.THROTTLEDOP, 0, true, true, List.of());
    }

    @Test
    void barrierThatAServerIsTooBusyForIsSentAgain() {
        transport.answer("write", busy());
        transport.answer(
                "read", new Reply(Code.OK, 8, true, true, List.of(new GetDataResult(new byte[0], new Stat()))));
        assertThat(told).isEmpty();
        assertThat(transport.sent).isEmpty();
        transport.due.remove().run();
        receiptsAre(receipt);
        assertThat(told).containsExactly(new WriteResult.Applied(7, List.of()));
        assertThat(transport.due).isEmpty();
    }

    @Test
    void receiptsThatAServerIsTooBusyForAreReadAgain() {
        transport.answer("write", new Reply(Code.OK, 8, true, true, List.of(new OpResult.CheckResult())));
        transport.answer("read", busy());
        assertThat(told).isEmpty();
        transport.due.remove().run();
        receiptsAre(new byte[] {1});
        assertThat(told).containsExactly(new WriteResult.NotApplied(Code.CONNECTIONLOSS, true));
    }

    @Test
    void theNextConnectionSettlesWhatTheLastDidNot() {
        transport.answer("write", busy());
        transport.answer("read", busy());
        Runnable again = transport.due.remove();
        transport.tell(KeeperState.Disconnected);
        again.run();
        assertThat(transport.sent).isEmpty();
        transport.tell(KeeperState.SyncConnected);
        receiptsAre(receipt);
        assertThat(told).containsExactly(new WriteResult.Applied(7, List.of()));
    }
}
