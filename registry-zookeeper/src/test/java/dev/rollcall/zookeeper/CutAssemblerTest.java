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
import java.util.stream.IntStream;
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
    private final NodeSizes sizes = new NodeSizes();
    private final CutAssembler assembler =
            new CutAssembler((paths, answer) -> requests.add(new Request(paths, answer)), sink, sizes, false);

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

    /** Touches as many paths, and half as many again while the first are read, until rounds are closed by later ones; returns all reads. */
    private List<List<String>> readsUnderSteadyFire(String stem, int count) {
        List<List<String>> reads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            assembler.touched(stem + i, 0);
        }
        for (int round = 0; round < 4; round++) {
            int latest = round * 100;
            for (int i = 0; i < count / 2; i++) {
                assembler.touched(stem + "-" + (latest + i), 0);
            }
            Request request = requests.remove();
            reads.add(request.paths());
            List<OpResult> results =
                    request.paths().stream().<OpResult>map(path -> node(1)).toList();
            request.answer().accept(new Reply(Code.OK, 10 + round, true, true, results));
        }
        return reads;
    }

    @Test
    void readHasSoManyNodesAndNoMoreWithThoseThatMayHaveChanged() {
        assertThat(readsUnderSteadyFire("/n", 400))
                .allSatisfy(paths -> assertThat(paths).hasSizeLessThanOrEqualTo(CutAssembler.MOST))
                .anySatisfy(paths -> assertThat(paths).hasSize(CutAssembler.MOST));
    }

    @Test
    void pathsOfAReadShareTheRoomOfOneRequest() {
        String stem = "/" + "n".repeat(100);
        assertThat(readsUnderSteadyFire(stem, 130))
                .allSatisfy(paths -> assertThat(
                                paths.stream().mapToInt(RequestSize::text).sum())
                        .isLessThanOrEqualTo(RequestSize.SMALLEST_LIMIT));
    }

    /** Light replies in between do not make them forgotten. */
    @Test
    void largeNodesThatWereReadBeforeAreReadFewAtATime() {
        byte[] value = new byte[512 << 10];
        List<String> paths = IntStream.range(0, 100).mapToObj(i -> "/large" + i).toList();
        paths.forEach(path -> sizes.learn(List.of(path), List.of(new GetDataResult(value, new Stat()))));
        for (int i = 0; i < 30; i++) {
            sizes.learn(List.of("/light" + i), List.of(node(1)));
        }
        paths.forEach(path -> assembler.touched(path, 0));
        answer(10, 1);
        assertThat((long) requests.element().paths().size() * value.length)
                .isLessThanOrEqualTo(NodeSizes.MOST_BYTES)
                .isGreaterThan(NodeSizes.MOST_BYTES / 2);
    }
}
