package dev.rollcall.etcd;

import com.google.protobuf.ByteString;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.ResponseHeader;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What a handle remembers of its store, to notice that it has gone back in time, since it was restored from a backup or wiped, or has become another
 * one. A linearizable read can show none of this in a store that only goes on: a revision or a term below those seen before it began, another
 * cluster's id, or an entry that is not there at the revision at which it was written.
 *
 * <p>What cannot be noticed: a store that has passed the old revision with a term as high while this handle was away, and where the
 * remembered entry was written at the same revision, or has been compacted.
 *
 * <p>Confined to the {@link IoLoop}, but for {@link #seen} and {@link #saw}.
 */
final class EtcdRewindDetector {
    private final KeySpace keys;
    private final AtomicLong seen = new AtomicLong();
    private long term;
    private long cluster;
    private @Nullable Key key;
    private long written;

    EtcdRewindDetector(KeySpace keys) {
        this.keys = keys;
    }

    /** What was known when a question was asked. */
    record Known(
            long revision,
            long term,
            long cluster,
            @Nullable Key key,
            long written) {}

    /** The highest revision that this handle has read, written or been told. */
    long seen() {
        return seen.get();
    }

    /** Takes note of a revision, so that a cheap read never goes back behind it. */
    void saw(long revision) {
        seen.accumulateAndGet(revision, Math::max);
    }

    /** Takes note of an entry that was written at {@code revision}. */
    void remember(Key entry, long revision) {
        if (revision > written) {
            key = entry;
            written = revision;
        }
    }

    /** What is known now. */
    Known known() {
        return new Known(seen(), term, cluster, key, written);
    }

    /** A read whose answer tells: of the remembered entry as it was when it was written, or of some key if there is none. */
    RangeRequest question(Known known) {
        ByteString name = known.key() == null ? keys.first(Directory.ROOT) : keys.name(known.key());
        return RangeRequest.newBuilder()
                .setKey(name)
                .setRevision(known.key() == null ? 0 : known.written())
                .setKeysOnly(true)
                .build();
    }

    /** The remembered entry can no longer be asked for. */
    void forgetEntry(Known asked) {
        if (asked.written() == written) {
            key = null;
        }
    }

    /** Why an answer is of a store that has gone back behind {@code known}, or null if it fits. */
    static @Nullable String contradiction(Known known, RangeResponse answer) {
        ResponseHeader header = answer.getHeader();
        if (known.cluster() != 0 && header.getClusterId() != 0 && header.getClusterId() != known.cluster()) {
            return "it is another cluster, " + Long.toHexString(header.getClusterId()) + " instead of "
                    + Long.toHexString(known.cluster());
        }
        if (header.getRaftTerm() > 0 && header.getRaftTerm() < known.term()) {
            return "its term has fallen from " + known.term() + " to " + header.getRaftTerm();
        }
        if (header.getRevision() > 0 && header.getRevision() < known.revision()) {
            return "its revision has fallen from " + known.revision() + " to " + header.getRevision();
        }
        Key key = known.key();
        if (key != null) {
            KeyValue entry = answer.getKvsCount() == 0 ? null : answer.getKvs(0);
            if (entry == null || entry.getModRevision() != known.written()) {
                return "what was written to '" + key + "' at revision " + known.written() + " is not there";
            }
        }
        return null;
    }

    /** Takes note of a store that fits. */
    void fits(ResponseHeader header) {
        saw(header.getRevision());
        term = Math.max(term, header.getRaftTerm());
        if (header.getClusterId() != 0) {
            cluster = header.getClusterId();
        }
    }

    /** Begins anew with the store as it is now. */
    void restart(ResponseHeader header) {
        seen.set(header.getRevision());
        term = header.getRaftTerm();
        cluster = header.getClusterId();
        key = null;
        written = 0;
    }
}
