package dev.rollcall.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Tells all browsers what changes: each event is made once, however many follow. */
/* Concurrency: confined to the console's thread. */
final class Broadcaster {
    /** Beyond these a new one is refused; each is a connection and some memory. */
    static final int MOST_STREAMS = 200;

    private static final byte[] HEARTBEAT = ": still here\n\n".getBytes(UTF_8);

    /** In flushes; well below the idle timeout of the server and of usual proxies. */
    private static final int HEARTBEAT_EVERY = 40;

    private final Map<String, Topic> topics = new HashMap<>();
    private final List<EventStream> streams = new ArrayList<>();
    private int flushes;

    /** Adds a topic; who already asks for its name is told its state. */
    void add(String name, Topic topic) {
        topics.put(name, topic);
        for (EventStream stream : streams) {
            if (stream.topics().contains(name)) {
                stream.offer(topic.state());
            }
        }
    }

    boolean isFull() {
        streams.removeIf(EventStream::isOver);
        return streams.size() >= MOST_STREAMS;
    }

    /** Tells {@code stream} the state of its topics, and from then on what changes. */
    void join(EventStream stream) {
        // What has changed up to now is in the state that this one gets, and must not be told to it again.
        flush();
        for (String name : stream.topics()) {
            Topic topic = topics.get(name);
            if (topic != null) {
                stream.offer(topic.state());
            }
        }
        streams.add(stream);
    }

    /** Sends what has changed. */
    void flush() {
        streams.removeIf(EventStream::isOver);
        Map<String, List<EventStream>> followers = new HashMap<>();
        for (EventStream stream : streams) {
            for (String topic : stream.topics()) {
                followers.computeIfAbsent(topic, name -> new ArrayList<>()).add(stream);
            }
        }
        topics.forEach((name, topic) -> {
            List<EventStream> to = followers.getOrDefault(name, List.of());
            byte[] event = topic.changes(!to.isEmpty());
            if (event != null) {
                to.forEach(stream -> stream.offer(event));
            }
        });
    }

    /** {@link #flush}, by the clock; also keeps connections from looking idle, and finds out which have gone. */
    void tick() {
        flush();
        if (++flushes % HEARTBEAT_EVERY == 0) {
            streams.forEach(stream -> stream.offer(HEARTBEAT));
        }
    }

    void close() {
        streams.forEach(EventStream::close);
        streams.clear();
    }
}
