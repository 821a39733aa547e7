package dev.rollcall.benchmarks.stores;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Transactions of many operations. */
final class JetcdPacked implements Packed {
    private final KV kv;
    private final ByteSequence[] keys;

    JetcdPacked(KV kv, ByteSequence[] keys) {
        this.kv = kv;
        this.keys = keys;
    }

    @Override
    public CompletableFuture<?> get(int first) {
        return commit(first, key -> Op.get(key, GetOption.DEFAULT));
    }

    @Override
    public CompletableFuture<?> put(int first, byte[] value) {
        ByteSequence bytes = ByteSequence.from(value);
        return commit(first, key -> Op.put(key, bytes, PutOption.DEFAULT));
    }

    private CompletableFuture<?> commit(int first, Function<ByteSequence, Op> operation) {
        return kv.txn()
                .Then(Arrays.stream(keys, first, first + SIZE).map(operation).toArray(Op[]::new))
                .commit();
    }
}
