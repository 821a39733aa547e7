package dev.rollcall.zookeeper;

import java.io.IOException;
import org.apache.jute.InputArchive;
import org.apache.zookeeper.MultiResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reply to a request that reads, which may be more than this process has memory for. The client reads it on the thread that sends; whatever is thrown there
 * breaks the connection, so that nobody would learn the reason, and the request would be made again on the next one. What has come from the socket is
 * complete by then, so the connection can go on.
 */
final class ReadReply extends MultiResponse {
    private static final Logger LOG = LoggerFactory.getLogger(ReadReply.class);

    /* Concurrency: written by the client's sending thread before it hands the reply to its event thread. */
    private boolean exhausted;

    /** Whether it was more than there was memory for; then it has no results that could be used. */
    boolean isExhausted() {
        return exhausted;
    }

    @Override
    public void deserialize(InputArchive archive, String tag) throws IOException {
        try {
            super.deserialize(archive, tag);
        } catch (OutOfMemoryError e) {
            exhausted = true;
            getResultList().clear();
            LOG.error("A reply of ZooKeeper's is more than this process has memory for.", e);
        }
    }
}
