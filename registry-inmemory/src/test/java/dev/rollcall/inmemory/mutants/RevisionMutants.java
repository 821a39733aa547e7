package dev.rollcall.inmemory.mutants;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.ConnectionState;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Write;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** Revisions that do not count what they should. */
final class RevisionMutants {
    private RevisionMutants() {}

    /** The answer to a delete tells the revision that the store was at before. */
    static final class RevisionBefore extends Forwarding {
        RevisionBefore(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            boolean delete = txn.writes().size() == 1 && txn.writes().get(0) instanceof Write.Delete;
            return Futures.map(
                    super.commit(txn), commit -> delete ? new Commit(Math.max(0, commit.revision() - 1)) : commit);
        }
    }

    /** Every handle but the first tells revisions from a replica that is behind. */
    static final class RevisionsOfAReplica extends Forwarding {
        private final boolean behind;

        RevisionsOfAReplica(InMemoryBackend handle, AtomicInteger handles) {
            super(handle);
            behind = handles.getAndIncrement() > 0;
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            CompletableFuture<Commit> answer = super.commit(txn);
            return behind ? Futures.map(answer, commit -> new Commit(Math.max(1, commit.revision() - 3))) : answer;
        }
    }

    /** Revisions count from when the first handle was opened. */
    static final class RevisionsStartAgain extends Forwarding {
        private final Origin origin;

        /** Where the count began, and who goes by it. */
        static final class Origin {
            private int handles;
            private long revision;
        }

        RevisionsStartAgain(InMemoryBackend handle, Origin origin) {
            super(handle);
            this.origin = origin;
            synchronized (origin) {
                if (origin.handles++ == 0 && isReachable()) {
                    origin.revision = handle.list(Directory.ROOT).join().revision();
                }
            }
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            return Futures.map(super.commit(txn), commit -> {
                synchronized (origin) {
                    return new Commit(Math.max(1, commit.revision() - origin.revision));
                }
            });
        }

        @Override
        public void close() {
            if (handle.connection().state() != ConnectionState.CLOSED) {
                synchronized (origin) {
                    origin.handles--;
                }
            }
            handle.close();
        }
    }
}
