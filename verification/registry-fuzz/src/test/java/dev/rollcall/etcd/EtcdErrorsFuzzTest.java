package dev.rollcall.etcd;

import static dev.rollcall.fuzz.Refusals.assertSentence;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.fuzz.FuzzTarget;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import io.grpc.Status;
import java.util.List;

/** What a server, or who pretends to be one, says about a failure. */
class EtcdErrorsFuzzTest extends FuzzTarget {
    private static final KvException.Context CONTEXT = new KvException.Context("etcd://h:2379", "commit", "/a");

    /** A byte for the code, one for what is known, and the text. */
    @Override
    protected List<byte[]> seeds() {
        return texts(
                "\u000E\u0013etcdserver: no leader",
                "\u0003\u0011etcdserver: user name is empty",
                "\u0003\u0001etcdserver: authentication failed, invalid user ID or password",
                "\u0008\u0013etcdserver: mvcc: database space exceeded",
                "\u0008\u0000etcdserver: too many requests",
                "\u0002\u0003io exception\nChannel Pipeline: []",
                "\u000B\u0000etcdserver: mvcc: required revision has been compacted.",
                "\u0000\u0000");
    }

    @Override
    protected List<String> words() {
        return List.of("etcdserver: ", "compacted", "\n", "\r\n", "\u001B[2J", "no leader", ".", "..");
    }

    @Override
    protected void check(byte[] input) {
        int code = input.length > 0 ? Math.floorMod(input[0], Status.Code.values().length) : 0;
        int known = input.length > 1 ? input[1] : 0;
        String text = input.length > 2 ? new String(input, 2, input.length - 2, UTF_8) : "";
        Status status = Status.fromCodeValue(code).withDescription((known & 4) != 0 ? null : text);
        if ((known & 8) != 0) {
            status = status.withCause(new IllegalStateException(text));
        }
        boolean left = (known & 1) != 0;
        boolean write = (known & 2) != 0;
        boolean answered = left && (known & 16) != 0;
        EtcdErrors.Verdict verdict = EtcdErrors.verdict(status, left, answered);
        KvException failure = EtcdErrors.of(CONTEXT, status, verdict, write);
        assertSentence(failure);
        if (!left || !write) {
            assertThat(failure.outcome()).isEqualTo(Outcome.NOT_APPLIED);
        }
        if (left && !answered) {
            assertThat(verdict).isEqualTo(EtcdErrors.Verdict.OPEN);
        }
        boolean open = verdict == EtcdErrors.Verdict.OPEN || verdict == EtcdErrors.Verdict.FULL;
        assertThat(failure.outcome()).isEqualTo(write && open ? Outcome.UNKNOWN : Outcome.NOT_APPLIED);
    }
}
