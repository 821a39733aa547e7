package dev.rollcall.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class TxnTest {
    private static final Key A = Key.of("/a");
    private static final Key B = Key.of("/b");
    private static final Bytes VALUE = Bytes.ofUtf8("v");

    @Test
    void keepsTheOrderOfItsParts() {
        Txn txn = Txn.builder()
                .ifAbsent(B)
                .ifRevision(A, 7)
                .delete(A)
                .put(B, VALUE)
                .build();
        assertThat(txn.conditions()).containsExactly(new Condition.Absent(B), new Condition.RevisionIs(A, 7));
        assertThat(txn.writes()).containsExactly(new Write.Delete(A), new Write.Put(B, VALUE, null));
    }

    @Test
    void isNamedAfterWhatItDoes() {
        assertThat(Txn.of(new Write.Put(A, VALUE, null)).operation()).isEqualTo("put");
        assertThat(Txn.of(new Write.Delete(A)).operation()).isEqualTo("delete");
        assertThat(Txn.of(new Condition.Absent(A), new Write.Put(A, VALUE, null))
                        .operation())
                .isEqualTo("create");
        assertThat(Txn.of(new Condition.Present(A), new Write.Put(A, VALUE, null))
                        .operation())
                .isEqualTo("update");
        assertThat(Txn.of(new Condition.Present(B), new Write.Put(A, VALUE, null))
                        .operation())
                .isEqualTo("commit");
        assertThat(Txn.builder().build().operation()).isEqualTo("commit");
    }

    @Test
    void refusesAKeyThatIsWrittenOrTestedTwice() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Txn.builder().put(A, VALUE).delete(A).build())
                .withMessage("The key '/a' is written twice in one transaction; it may be written once.");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Txn.builder().ifAbsent(A).ifPresent(A).build())
                .withMessageContaining("tested twice");
        assertThat(Txn.builder().ifPresent(A).delete(A).build().writes()).hasSize(1);
    }

    @Test
    void takesSixtyFourWritesAndNoMore() {
        assertThat(puts(64).build().writes()).hasSize(64);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> puts(65).build())
                .withMessage("A transaction has at most 64 writes, but this one has 65; split it.");
    }

    @Test
    void refusesMoreBytesThanEveryStoreTakes() {
        Bytes half = Bytes.unsafeWrap(new byte[Limits.MAX_TXN_BYTES / 2]);
        assertThat(Txn.builder().put(A, half).build()).isNotNull();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Txn.builder().put(A, half).put(B, half).build())
                .withMessage("The transaction writes 917508 bytes, more than the limit of 917504; split it.");
    }

    @Test
    void refusesAValueThatIsTooLargeByOneByte() {
        assertThat(new Write.Put(A, Bytes.unsafeWrap(new byte[Limits.MAX_VALUE_BYTES]), null))
                .isNotNull();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Write.Put(A, Bytes.unsafeWrap(new byte[Limits.MAX_VALUE_BYTES + 1]), null))
                .withMessage("The value for '/a' has 524289 bytes, more than the limit of 524288.");
    }

    @Test
    void usesAtMostOneLease() {
        Lease one = new NamedLease("one");
        Lease two = new NamedLease("two");
        assertThat(Txn.builder().put(A, VALUE, one).put(B, VALUE).build().lease())
                .isSameAs(one);
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Txn.builder().put(A, VALUE, one).put(B, VALUE, two).build())
                .withMessage("A transaction uses at most one lease, but this one uses one and two.");
    }

    @Test
    void refusesRevisionsThatCannotBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Condition.RevisionIs(A, 0))
                .withMessageContaining("is 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WatchStart.after(-1))
                .withMessageContaining("is -1");
    }

    private static Txn.Builder puts(int count) {
        Txn.Builder builder = Txn.builder();
        for (int i = 0; i < count; i++) {
            builder.put(Key.of("/k" + i), VALUE);
        }
        return builder;
    }

    private record NamedLease(String id) implements Lease {
        @Override
        public Duration ttl() {
            return Duration.ofSeconds(1);
        }

        @Override
        public boolean isHeld() {
            return true;
        }

        @Override
        public CompletionStage<LeaseEnd> ended() {
            return new CompletableFuture<>();
        }

        @Override
        public CompletableFuture<Void> revoke() {
            return new CompletableFuture<>();
        }

        @Override
        public void close() {}

        @Override
        public String toString() {
            return id;
        }
    }
}
