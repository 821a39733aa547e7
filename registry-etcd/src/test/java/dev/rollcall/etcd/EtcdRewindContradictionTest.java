package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Key;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.ResponseHeader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What an answer must show to be of a store that has gone back in time, and what it may show without being one. */
class EtcdRewindContradictionTest {
    private static final Key KEY = Key.of("/k");
    private static final EtcdRewindDetector.Known NOTHING = new EtcdRewindDetector.Known(0, 0, 0, null, 0);
    private static final EtcdRewindDetector.Known KNOWN = new EtcdRewindDetector.Known(20, 4, 0xabc, null, 0);
    private static final EtcdRewindDetector.Known WITH_ENTRY = new EtcdRewindDetector.Known(20, 4, 0xabc, KEY, 15);

    private static RangeResponse answer(long cluster, long term, long revision, long... entries) {
        RangeResponse.Builder answer = RangeResponse.newBuilder()
                .setHeader(ResponseHeader.newBuilder()
                        .setClusterId(cluster)
                        .setRaftTerm(term)
                        .setRevision(revision));
        for (long written : entries) {
            answer.addKvs(KeyValue.newBuilder().setModRevision(written));
        }
        return answer.build();
    }

    private static @Nullable String found(EtcdRewindDetector.Known known, RangeResponse answer) {
        return EtcdRewindDetector.contradiction(known, answer);
    }

    @Test
    void whatGoesOnFits() {
        assertThat(found(NOTHING, answer(0xabc, 1, 1))).isNull();
        assertThat(found(KNOWN, answer(0xabc, 4, 20))).isNull();
        assertThat(found(KNOWN, answer(0xabc, 5, 21))).isNull();
        assertThat(found(WITH_ENTRY, answer(0xabc, 4, 20, 15))).isNull();
    }

    @Test
    void whatAServerDoesNotTellContradictsNothing() {
        assertThat(found(KNOWN, answer(0, 0, 0))).isNull();
    }

    @Test
    void fallenTerm() {
        assertThat(found(KNOWN, answer(0xabc, 3, 25))).isEqualTo("its term has fallen from 4 to 3");
    }

    @Test
    void fallenRevision() {
        assertThat(found(KNOWN, answer(0xabc, 4, 19))).isEqualTo("its revision has fallen from 20 to 19");
    }

    @Test
    void anotherCluster() {
        assertThat(found(KNOWN, answer(0xdef, 9, 90))).isEqualTo("it is another cluster, def instead of abc");
    }

    @Test
    void entryThatIsNotThereAtItsRevision() {
        assertThat(found(WITH_ENTRY, answer(0xabc, 4, 20))).contains("'/k' at revision 15 is not there");
        assertThat(found(WITH_ENTRY, answer(0xabc, 4, 20, 14))).contains("'/k' at revision 15 is not there");
    }
}
