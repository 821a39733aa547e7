package dev.rollcall.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.OpResult.ErrorResult;
import org.apache.zookeeper.ZooDefs.Ids;
import org.junit.jupiter.api.Test;

/** What a store needs is made once, however many writes find it missing. */
class StoreNodesTest {
    private static final Layout DEMO = Layout.of("/d");

    private final List<Code> told = new ArrayList<>();

    private static Reply all(List<Op> ops, OpResult result) {
        return new Reply(Code.OK, 8, true, true, ops.stream().map(op -> result).toList());
    }

    private static void answerRead(RecordedWire transport) {
        transport.answer("write", new Reply(Code.OK, 8, true, true, List.of(new OpResult.CheckResult())));
        transport.answer("read", all(transport.sent.element().ops(), new ErrorResult(Code.NONODE.intValue())));
    }

    @Test
    void writesThatFindItMissingAtTheSameTimeShareOneRequest() {
        try (RecordedWire transport = new RecordedWire()) {
            StoreNodes storeNodes = new StoreNodes(DEMO, NodeAccess.same(Ids.OPEN_ACL_UNSAFE, DEMO));
            for (int i = 0; i < 100; i++) {
                storeNodes.lay(transport.session, (code, node) -> told.add(code));
            }
            assertThat(transport.sent).hasSize(2);
            answerRead(transport);
            storeNodes.lay(transport.session, (code, node) -> told.add(code));
            assertThat(transport.sent).hasSize(1);
            assertThat(told).isEmpty();
            List<Op> creates = transport.sent.element().ops();
            transport.answer("write", all(creates, new OpResult.CreateResult("/")));
            assertThat(told).hasSize(101).containsOnly(Code.OK);
            assertThat(transport.sent).isEmpty();

            storeNodes.lay(transport.session, (code, node) -> told.add(code));
            assertThat(transport.sent).as("whether it looks again").hasSize(2);
        }
    }

    @Test
    void allLearnThatItCouldNotBeMade() {
        try (RecordedWire transport = new RecordedWire()) {
            StoreNodes storeNodes = new StoreNodes(DEMO, NodeAccess.same(Ids.OPEN_ACL_UNSAFE, DEMO));
            storeNodes.lay(transport.session, (code, node) -> told.add(code));
            storeNodes.lay(transport.session, (code, node) -> told.add(code));
            answerRead(transport);
            transport.answer("write", new Reply(Code.CONNECTIONLOSS, 0, false, true, List.of()));
            assertThat(told).containsExactly(Code.CONNECTIONLOSS, Code.CONNECTIONLOSS);
        }
    }
}
