package dev.rollcall.etcd;

import com.google.protobuf.ByteString;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How heavy the entries of directories were when they were last listed, so that the first page of the next list is neither too large for the
 * server's memory nor too small. Remembers the directories that were used last. Confined to the {@link IoLoop}.
 */
final class EntrySizes {
    private static final int MOST_DIRECTORIES = 256;

    private final Map<ByteString, Long> bytesEach = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteString, Long> eldest) {
            return size() > MOST_DIRECTORIES;
        }
    };

    /** The bytes of an entry, on average over the heaviest neighbours, of the directory that begins at {@code first}; null if none was listed. */
    @Nullable
    Long of(ByteString first) {
        return bytesEach.get(first);
    }

    /** Takes note of what a list has seen. */
    void saw(ByteString first, long bytes) {
        bytesEach.put(first, bytes);
    }
}
