package dev.rollcall.etcd;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The watches of a handle: all on one stream, except where the server assigns the ids of watches itself, as etcd's gRPC proxy does. Then messages of
 * several watches on one stream could not be told apart, so each watch has a stream to itself. Confined to the {@link IoLoop}.
 */
final class WatchStreams {
    private static final Logger LOG = LoggerFactory.getLogger(WatchStreams.class);

    private final EtcdContext handle;
    private final MemberSelector members;
    private final WatchStream shared;
    /** Every watch that wants to hear from etcd, with the stream that carries it. */
    private final Map<WatchCursor, WatchStream> wanted = new LinkedHashMap<>();
    /** The members, as {@code host:port}, that number watches themselves. */
    private final Set<Endpoint> numbering = new HashSet<>();

    private boolean closed;

    WatchStreams(EtcdContext handle, MemberSelector members) {
        this.handle = handle;
        this.members = members;
        this.shared = stream(false);
    }

    private WatchStream stream(boolean single) {
        return new WatchStream(handle, members, this, single);
    }

    /** A member can be used. */
    void found() {
        MemberConnection connection = members.current();
        boolean apart = connection != null && numbering.contains(connection.endpoint());
        for (WatchCursor watch : List.copyOf(wanted.keySet())) {
            if (apart == (wanted.get(watch) == shared)) {
                leave(watch);
                add(watch);
            }
        }
        Set.copyOf(wanted.values()).forEach(WatchStream::open);
    }

    /** The member that was used is lost. */
    void lost() {
        Set.copyOf(wanted.values()).forEach(WatchStream::drop);
    }

    /** No member accepts this client, however long one waits: neither do the watches. */
    void denied(Refusal refusal) {
        for (WatchCursor watch : List.copyOf(wanted.keySet())) {
            remove(watch);
            watch.denied(refusal);
        }
    }

    /** Ends the streams for good; ending the watches is their owner's business. */
    void close() {
        closed = true;
        Set.copyOf(wanted.values()).forEach(WatchStream::close);
        shared.close();
        wanted.clear();
    }

    /** Begins to tell {@code watch} what happens after its cursor. */
    void add(WatchCursor watch) {
        if (closed || wanted.containsKey(watch)) {
            return;
        }
        MemberConnection connection = members.current();
        WatchStream stream = connection != null && numbering.contains(connection.endpoint()) ? stream(true) : shared;
        wanted.put(watch, stream);
        stream.add(watch);
    }

    /** Tells {@code watch} nothing more. */
    void remove(WatchCursor watch) {
        leave(watch);
    }

    /** The server has ended the watch; its stream knows. */
    void ended(WatchCursor watch) {
        leave(watch);
    }

    private void leave(WatchCursor watch) {
        WatchStream stream = wanted.remove(watch);
        if (stream != null) {
            stream.remove(watch);
            if (stream != shared) {
                stream.close();
            }
        }
    }

    /** Takes new streams for all that were opened with another token than the present one. */
    void renew() {
        Set.copyOf(wanted.values())
                .forEach(stream -> stream.renewUnless(handle.tokens().present()));
    }

    /** This server's messages do not say whose they are: from now on each watch has a stream to itself there. */
    void numbersItself(MemberConnection connection) {
        if (numbering.add(connection.endpoint())) {
            LOG.info(
                    "{}: {} numbers watches itself, as a gRPC proxy does; each watch gets a stream of its own.",
                    handle.name(),
                    connection);
        }
        shared.drop();
        found();
    }

    /** Not even on a stream of its own is the watch told what it has asked for, and nothing else. */
    void mixesUp(WatchCursor watch, MemberConnection connection) {
        leave(watch);
        watch.unusable(
                connection
                        + " sends a watch what others have asked for, even on a stream of its own, so nobody can say what is missing; name the members themselves in the URL, not the proxy before them");
    }
}
