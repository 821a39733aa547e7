package dev.rollcall.console;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * One browser that follows topics. What it has not taken yet is queued here, up to a bound; one that is slower than that is let go, and starts anew from the
 * present state when it connects again, which browsers do by themselves.
 */
/* Concurrency: queue, queued, writing and over are guarded by this. Jetty's write is called without the lock, by one thread at a time. */
final class EventStream {
    /** A few full states of 10,000 nodes. */
    private static final int MOST_QUEUED_BYTES = 16 * 1024 * 1024;

    private final Response response;
    private final Callback done;
    private final List<String> topics;
    private final Deque<byte[]> queue = new ArrayDeque<>();
    private long queued;
    private boolean writing;
    private boolean over;

    EventStream(Response response, Callback done, List<String> topics) {
        this.response = response;
        this.done = done;
        this.topics = List.copyOf(topics);
    }

    List<String> topics() {
        return topics;
    }

    synchronized boolean isOver() {
        return over;
    }

    /** Sends this after all that was offered before. Never blocks. */
    void offer(byte[] event) {
        boolean tooSlow;
        synchronized (this) {
            if (over) {
                return;
            }
            queue.add(event);
            queued += event.length;
            tooSlow = queued > MOST_QUEUED_BYTES;
            if (!tooSlow && writing) {
                return;
            }
            writing = true;
        }
        if (tooSlow) {
            end(new IllegalStateException("The browser is too slow."));
        } else {
            next();
        }
    }

    private void next() {
        byte[] event;
        synchronized (this) {
            if (over) {
                return;
            }
            byte[] first = queue.poll();
            if (first == null) {
                writing = false;
                return;
            }
            event = first;
            queued -= event.length;
        }
        response.write(false, ByteBuffer.wrap(event), Callback.from(this::next, this::end));
    }

    /** Answers that there is no stream, and why; for one to which nothing was offered. */
    void refuse(String why) {
        if (finish()) {
            Replies.json(
                    response,
                    done,
                    HttpStatus.SERVICE_UNAVAILABLE_503,
                    ConsoleJson.object().put("error", why));
        }
    }

    /** Lets the browser go; it may connect again. */
    void close() {
        if (finish()) {
            done.succeeded();
        }
    }

    private void end(Throwable failure) {
        if (finish()) {
            done.failed(failure);
        }
    }

    private synchronized boolean finish() {
        boolean first = !over;
        over = true;
        queue.clear();
        return first;
    }
}
