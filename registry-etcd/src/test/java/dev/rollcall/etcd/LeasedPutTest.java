package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Limits;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.Txn;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Puts that have to keep a lease if there is one, on a server that takes little more than one value in a request. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LeasedPutTest {
    private static final Directory DIR = Directory.of("/d");
    private static final Duration TTL = Duration.ofMinutes(1);
    /** The largest transaction, and what surrounds its keys and values. */
    private static final int LIMIT = Limits.MAX_TXN_BYTES + 64 * 1024;

    private EtcdServer server;

    @BeforeAll
    void startServer() {
        server = EtcdServer.start(EtcdBinary.underTest(), "--max-request-bytes=" + LIMIT);
    }

    @AfterAll
    void stopServer() {
        server.close();
    }

    private KvBackend open(String prefix, boolean batching) {
        return KvBackends.open("etcd://" + server.address() + "/" + prefix + "?timeout=20s&batching=" + batching);
    }

    private static Bytes value(int size) {
        return Bytes.unsafeWrap(new byte[size]);
    }

    private static void lease(KvBackend backend, Key... keys) {
        Lease lease = Await.result(backend.grantLease(TTL));
        for (Key key : keys) {
            Await.result(backend.put(key, Bytes.EMPTY, lease));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aValueOfTheLargestSizeFitsWhereItFitsOnce(boolean batching) {
        try (KvBackend backend = open("one-" + batching, batching)) {
            Bytes largest = value(Limits.MAX_VALUE_BYTES);
            lease(backend, DIR.key("leased"));
            for (String name : new String[] {"new", "new", "leased", "leased"}) {
                Await.result(backend.put(DIR.key(name), largest));
            }
            assertThat(Await.result(backend.list(DIR)).entries())
                    .allMatch(entry -> entry.value().equals(largest))
                    .extracting(KeyValue::leased)
                    .containsExactly(true, false);
        }
    }

    @Test
    void aLargeTransactionKeepsTheLeasesOfSomeOfItsKeys() {
        try (KvBackend backend = open("four", true)) {
            lease(backend, DIR.key("k1"), DIR.key("k3"));
            Txn.Builder txn = Txn.builder();
            for (int i = 0; i < 4; i++) {
                txn.put(DIR.key("k" + i), value(220 * 1024));
            }
            Await.result(backend.commit(txn.build()));
            assertThat(Await.result(backend.list(DIR)).entries())
                    .extracting(KeyValue::leased)
                    .containsExactly(false, true, false, true);
        }
    }

    @Test
    void asManyConditionsAndPutsAsAllowedFit() {
        try (KvBackend backend = open("many", true)) {
            Key[] leased = IntStream.range(0, 64)
                    .filter(i -> i % 3 == 0)
                    .mapToObj(i -> DIR.key("put" + i))
                    .toArray(Key[]::new);
            lease(backend, leased);
            Txn.Builder txn = Txn.builder();
            for (int i = 0; i < 64; i++) {
                txn.ifAbsent(DIR.key("absent" + i)).put(DIR.key("put" + i), value(14_000));
            }
            Await.result(backend.commit(txn.build()));
            assertThat(Await.result(backend.list(DIR)).entries())
                    .hasSize(64)
                    .allSatisfy(entry -> assertThat(entry.leased())
                            .isEqualTo(Integer.parseInt(entry.key().path().substring("/d/put".length())) % 3 == 0));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aLeaseWithANegativeIdIsALease(boolean batching) {
        String prefix = "negative-" + batching;
        long id = batching ? -5 : -6;
        LeaseGrpc.newBlockingStub(server.admin().channel())
                .leaseGrant(LeaseGrantRequest.newBuilder().setID(id).setTTL(60).build());
        KVGrpc.KVBlockingStub theirs = KVGrpc.newBlockingStub(server.admin().channel());
        for (String name : List.of("a", "b", "c")) {
            theirs.put(PutRequest.newBuilder()
                    .setKey(EtcdAdmin.bytes("/" + prefix + "/d/" + name))
                    .setLease(id)
                    .build());
        }
        try (KvBackend backend = open(prefix, batching)) {
            Await.result(backend.put(DIR.key("a"), Bytes.ofUtf8("1")));
            Await.result(backend.update(
                    DIR.key("b"),
                    Bytes.ofUtf8("1"),
                    Await.result(backend.get(DIR.key("b")))
                            .entry()
                            .orElseThrow()
                            .revision()));
            Await.result(backend.commit(Txn.builder()
                    .put(DIR.key("a"), Bytes.ofUtf8("2"))
                    .put(DIR.key("c"), Bytes.ofUtf8("2"))
                    .put(DIR.key("new"), Bytes.ofUtf8("2"))
                    .build()));
            assertThat(Await.result(backend.list(DIR)).entries())
                    .extracting(entry -> entry.value().utf8() + " " + entry.leased())
                    .containsExactly("2 true", "1 true", "2 true", "2 false");
        }
        assertThat(server.admin().entries("/" + prefix + "/d/"))
                .extracting(entry -> entry.getLease())
                .containsExactly(id, id, id, 0L);
    }

    @Test
    void anAnswerThatContradictsItselfIsNotAskedForWithoutEnd() {
        Txn txn = Txn.builder()
                .put(DIR.key("a"), Bytes.EMPTY)
                .put(DIR.key("b"), Bytes.EMPTY)
                .build();
        Context context = new Context("etcd://test", "commit", null);
        TxnPlan plan = TxnPlan.of(txn, new KeySpace(""), 0);
        int asked = 1;
        KvException failure = plan.failure(context, refusedThoughAllHolds(plan.question()));
        while (failure == null && asked < 10) {
            plan = plan.corrected(refusedThoughAllHolds(plan.question()));
            failure = plan.failure(context, refusedThoughAllHolds(plan.question()));
            asked++;
        }
        assertThat(asked).isEqualTo(3);
        assertThat(failure)
                .hasMessageContaining("'/d/a', '/d/b'")
                .hasMessageContaining("3 times")
                .extracting(KvException::outcome)
                .isEqualTo(Outcome.NOT_APPLIED);
    }

    /** As a store would answer in which no key has a lease, but which sees its own comparisons otherwise. */
    private static TxnResponse refusedThoughAllHolds(TxnRequest request) {
        TxnResponse.Builder answer = TxnResponse.newBuilder().setSucceeded(false);
        for (RequestOp question : request.getFailureList()) {
            assertThat(question.hasRequestTxn()).isTrue();
            answer.addResponses(ResponseOp.newBuilder()
                    .setResponseTxn(TxnResponse.newBuilder().setSucceeded(true)));
        }
        return answer.build();
    }
}
