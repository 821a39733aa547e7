package dev.rollcall.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.zookeeper.CutAssembler.Observed;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.OpResult.ErrorResult;
import org.apache.zookeeper.OpResult.GetDataResult;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CutAssemblerTest {
    private record Request(List<String> paths, Consumer<Reply> answer) {}

    private final Deque<Request> requests = new ArrayDeque<>();
    private final List<String> cuts = new ArrayList<>();
    private final CutAssembler.Sink sink = new CutAssembler.Sink() {
        @Override
        public void cut(Map<String, Observed> changed, long zxid, Map<String, Long> later) {
            Map<String, String> seen = new TreeMap<>();
            changed.forEach((path, observed) -> seen.put(
                    path,
                    observed.node().stat() == null
                            ? "gone@" + observed.deletedAt()
                            : "" + observed.node().stat().getMzxid()));
            cuts.add(seen + "@" + zxid + (later.isEmpty() ? "" : " then " + new TreeMap<>(later)));
        }

        @Override
        public void broken(Code code, @Nullable String node) {
            cuts.add("broken: " + code);
        }
    };
    private final CutAssembler assembler = new CutAssembler(
            (paths, answer) -> requests.add(new Request(paths, answer)), sink, new ReplyBudget(), false);

    /** Answers the oldest request; each path it names has this mzxid, or is absent if that is 0. */
    private void answer(long zxid, long... mzxids) {
        Request request = requests.remove();
        assertThat(request.paths()).hasSize(mzxids.length);
        List<OpResult> results = Arrays.stream(mzxids)
                .<OpResult>mapToObj(mzxid -> mzxid == 0 ? new ErrorResult(Code.NONODE.intValue()) : node(mzxid))
                .toList();
        request.answer().accept(new Reply(Code.OK, zxid, true, true, results));
    }

    private static GetDataResult node(long mzxid) {
        Stat stat = new Stat();
        stat.setMzxid(mzxid);
        return new GetDataResult(new byte[1], stat);
    }

    @Test
    void changeThatComesAloneIsACutAtTheReply() {
        assembler.touched("/a", 0);
        answer(10, 9);
        assertThat(cuts).containsExactly("{/a=9}@10");
        assertThat(requests).isEmpty();
    }

    @Test
    void changesDuringAReadAreReadBeforeTheCut() {
        assembler.touched("/a", 0);
        assembler.touched("/b", 0);
        answer(10, 9);
        assertThat(cuts).isEmpty();
        answer(12, 11);
        assertThat(cuts).containsExactly("{/a=9, /b=11}@12");
    }

    @Test
    void underSteadyFireAReplyClosesTheRoundBefore() {
        assembler.touched("/a", 0);
        assembler.touched("/b", 0);
        answer(10, 9);
        assembler.touched("/c", 0);
        assertThat(requests.peek().paths()).containsExactly("/b");
        answer(12, 8);
        assertThat(cuts).containsExactly("{/a=9, /b=8}@10 then {/c=0}");
        // What changed lately is read along, on the chance that it does so again.
        answer(13, 12, 8);
        assertThat(cuts).last().isEqualTo("{/b=8, /c=12}@13");
    }

    @Test
    void roundIsNotClosedByAPathThatHasChangedSince() {
        assembler.touched("/a", 0);
        assembler.touched("/b", 0);
        answer(10, 9);
        assembler.touched("/c", 0);
        answer(12, 11);
        assertThat(cuts).isEmpty();
        answer(13, 12, 11);
        assertThat(cuts).containsExactly("{/a=9, /b=11, /c=12}@13");
    }

    @Test
    void deletionClosesARoundOnlyIfItIsKnownWhenItWas() {
        assembler.touched("/a", 0);
        assembler.touched("/b", 10);
        answer(10, 9);
        assembler.touched("/c", -1);
        answer(12, 0);
        assertThat(cuts).containsExactly("{/a=9, /b=gone@10}@10 then {/c=-1}");
        assembler.touched("/d", 0);
        answer(13, 0, 0);
        answer(14, 13, 0);
        assertThat(cuts).hasSize(2).last().isEqualTo("{/b=gone@0, /c=gone@-1, /d=13}@14");
    }

    @Test
    void pathThatChangesAgainWhileItIsReadIsReadAgainOnlyIfTheReplyCameFirst() {
        assembler.touched("/a", 0);
        assembler.touched("/a", 0);
        answer(10, 10);
        assertThat(cuts).containsExactly("{/a=10}@10");
        assembler.touched("/a", 0);
        answer(11, 11);
        assertThat(cuts).hasSize(2).last().isEqualTo("{/a=11}@11");
    }

    @Test
    void brokenReadEndsItAll() {
        assembler.touched("/a", 0);
        requests.remove().answer().accept(new Reply(Code.CONNECTIONLOSS, 0, false, true, List.of()));
        assembler.touched("/b", 0);
        assertThat(cuts).containsExactly("broken: CONNECTIONLOSS");
        assertThat(requests).isEmpty();
    }
}
