package dev.rollcall.registry;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.Printable;
import dev.rollcall.kv.Subscription;
import dev.rollcall.kv.support.SerialLane;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last known state of a view on disk. Format, big-endian: the eight letters {@code ROLLVIEW}, the version as an int, the CRC-32 of the rest as a
 * long; then root, kind, revision, time of saving in milliseconds, number of nodes, and for each node its id, revision, flags (1 leased, 2 claimed), revision of its mark or 0, and record as the codec writes it, preceded by its length. Texts are as {@link DataOutputStream#writeUTF} writes them.
 */
/*
 * Concurrency: lane runs one write at a time, and saved is confined to it. timer and closed are guarded by this.
 */
final class ViewFile<T> {
    private static final Logger LOG = LoggerFactory.getLogger(NodeView.class);
    private static final byte[] MAGIC = "ROLLVIEW".getBytes(US_ASCII);
    private static final int VERSION = 2;
    private static final int HEADER = MAGIC.length + Integer.BYTES + Long.BYTES;
    private static final int LEASED = 1;
    private static final int CLAIMED = 2;

    /** The least time between two writes. */
    static final Duration SHORTEST_INTERVAL = Duration.ofSeconds(1);

    private final RegistryContext registryContext;
    private final String kind;
    private final NodeReader<T> reader;
    private final Path file;
    private final Supplier<NodeSet<T>> present;
    private final SerialLane lane;
    private @Nullable Subscription timer;
    private boolean closed;

    /** What was written last, or was tried to be. */
    private @Nullable NodeSet<T> saved;

    /** A state that was read. */
    record Restored<T>(NodeSet<T> cut, Instant savedAt) {}

    ViewFile(
            RegistryContext registryContext,
            String kind,
            NodeReader<T> reader,
            Path file,
            Supplier<NodeSet<T>> present) {
        this.registryContext = registryContext;
        this.kind = kind;
        this.reader = reader;
        this.file = file.toAbsolutePath();
        this.present = present;
        this.lane = new SerialLane(registryContext.callbacks());
    }

    /** There is something new to be written, soon. */
    synchronized void changed() {
        if (timer == null && !closed) {
            timer = registryContext
                    .time()
                    .schedule(
                            SHORTEST_INTERVAL,
                            () -> lane.execute(() -> {
                                synchronized (this) {
                                    timer = null;
                                }
                                saveIfNew(true);
                            }));
        }
    }

    /**
     * Writes a last time if anything is new.
     *
     * @return completes when nothing more will be written; never with an exception
     */
    synchronized CompletableFuture<Void> close() {
        closed = true;
        boolean told = timer != null;
        if (timer != null) {
            timer.close();
        }
        // In any case: what the view shows last may not have been told here yet.
        lane.execute(() -> saveIfNew(told));
        CompletableFuture<Void> done = new CompletableFuture<>();
        lane.execute(() -> done.complete(null));
        return done;
    }

    // --- Writing

    /** Unless it was saved, or came from the file and nobody has {@code told} of anything since. */
    private void saveIfNew(boolean told) {
        NodeSet<T> now = present.get();
        NodeSet<T> before = saved;
        boolean same = before != null && now.slots() == before.slots() && now.fillings() == before.fillings();
        if ((told || now.fillings() > 0) && !same) {
            saved = now;
            save(now);
        }
    }

    private void save(NodeSet<T> cut) {
        Path temporary = null;
        try {
            byte[] content = encode(cut);
            Path directory = file.getParent();
            if (directory == null) {
                throw new IOException("it names no file");
            }
            Files.createDirectories(directory);
            temporary = Files.createTempFile(directory, ".rollcall-view", ".tmp");
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                ByteBuffer buffer = ByteBuffer.wrap(content);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                // Or a crash of the machine could leave the new name on old blocks.
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | RuntimeException e) {
            LOG.warn(
                    "The state of the view of '{}' could not be written to '{}'; the old file stays.",
                    Printable.line(kind),
                    file,
                    e);
            delete(temporary);
        }
    }

    private static void delete(@Nullable Path temporary) {
        try {
            if (temporary != null) {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            LOG.debug("'{}' could not be deleted.", temporary, e);
        }
    }

    private byte[] encode(NodeSet<T> cut) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeUTF(registryContext.keys().root().path());
        out.writeUTF(kind);
        out.writeLong(cut.revision());
        out.writeLong(registryContext.time().instant().toEpochMilli());
        out.writeInt(cut.size());
        for (Iterator<NodeSet.Slot<T>> slots = cut.slots().values(); slots.hasNext(); ) {
            NodeSet.Slot<T> slot = slots.next();
            Node<T> node = slot.node();
            if (node != null) {
                byte[] record = reader.encode(node.value()).toByteArray();
                out.writeUTF(node.nodeId());
                out.writeLong(node.revision());
                out.writeByte((node.leased() ? LEASED : 0) | (slot.claimed() ? CLAIMED : 0));
                out.writeLong(slot.mark());
                out.writeInt(record.length);
                out.write(record);
            }
        }
        byte[] payload = bytes.toByteArray();
        return ByteBuffer.allocate(HEADER + payload.length)
                .put(MAGIC)
                .putInt(VERSION)
                .putLong(crc(payload))
                .put(payload)
                .array();
    }

    private static long crc(byte[] payload) {
        CRC32 crc = new CRC32();
        crc.update(payload);
        return crc.getValue();
    }

    // --- Reading

    /** What the file has, or null if there is none or it cannot be used. */
    @Nullable
    Restored<T> load() {
        try {
            return decode(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            LOG.warn("The file '{}' is not used for the view of '{}': {}.", file, Printable.line(kind), e.getMessage());
            return null;
        }
    }

    private Restored<T> decode(byte[] content) throws IOException {
        if (content.length < HEADER || !Arrays.equals(content, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new IOException("it is not the state of a view");
        }
        ByteBuffer header = ByteBuffer.wrap(content, MAGIC.length, HEADER - MAGIC.length);
        int version = header.getInt();
        if (version != VERSION) {
            throw new IOException("its format has the version " + version + ", and only " + VERSION + " is known");
        }
        long expected = header.getLong();
        byte[] payload = Arrays.copyOfRange(content, HEADER, content.length);
        if (crc(payload) != expected) {
            throw new IOException("it is damaged");
        }
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(payload));
        String root = in.readUTF();
        String ofKind = in.readUTF();
        if (!root.equals(registryContext.keys().root().path()) || !ofKind.equals(kind)) {
            throw new IOException("it is of '" + ofKind + "' below '" + root + "'");
        }
        in.readLong();
        Instant savedAt = Instant.ofEpochMilli(in.readLong());
        int count = in.readInt();
        PersistentMap<NodeSet.Slot<T>> slots = PersistentMap.empty();
        int size = 0;
        int alive = 0;
        for (int i = 0; i < count; i++) {
            String nodeId = in.readUTF();
            long revision = in.readLong();
            int flags = in.readByte();
            long mark = in.readLong();
            Bytes record = Bytes.copyOf(in.readNBytes(in.readInt()));
            NodeSet.Slot<T> slot = slot(nodeId, revision, flags, mark, record);
            Node<T> node = slot.node();
            if (node != null) {
                if (slots.get(nodeId) != null) {
                    throw new IOException("it has a node twice");
                }
                slots = slots.with(nodeId, slot);
                size++;
                alive += node.isAlive() ? 1 : 0;
            }
        }
        // At no revision: whether the store is still the same one is not known.
        return new Restored<>(new NodeSet<>(0, 0, slots, PersistentMap.empty(), size, alive), savedAt);
    }

    private NodeSet.Slot<T> slot(String nodeId, long revision, int flags, long mark, Bytes record) {
        Key key = registryContext.keys().record(kind, nodeId);
        boolean leased = (flags & LEASED) != 0;
        boolean claimed = (flags & CLAIMED) != 0;
        Decoded<T> decoded = reader.read(kind, nodeId, new KeyValue(key, record, revision, leased));
        Node<T> node = decoded.judged(claimed, mark);
        // If there is none, the codec has changed since; the store will tell.
        return node == null
                ? new NodeSet.Slot<>(null, claimed, mark, null)
                : new NodeSet.Slot<>(decoded, claimed, mark, node);
    }
}
