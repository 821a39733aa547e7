package dev.rollcall.registry;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls user code so that what it throws is reported and harms nobody else. */
final class Listeners {
    private static final Logger LOG = LoggerFactory.getLogger(NodeRegistry.class);

    private Listeners() {}

    static void call(Runnable listener) {
        try {
            listener.run();
        } catch (RuntimeException | AssertionError | LinkageError e) {
            LOG.error("A listener has failed; it is called again for what comes next.", e);
        }
    }
}
