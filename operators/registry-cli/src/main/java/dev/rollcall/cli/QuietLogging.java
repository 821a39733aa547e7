package dev.rollcall.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.logging.LogManager;

/**
 * What configures java.util.logging, by its name and only once somebody logs: gRPC reports on itself there, which would be shown beside the one line that is
 * meant for the user. A command that needs no gRPC does not load it.
 */
public final class QuietLogging {
    private static final String CLASS = "java.util.logging.config.class";
    private static final String FILE = "java.util.logging.config.file";
    private static final String SETTINGS = """
            handlers = java.util.logging.ConsoleHandler
            io.grpc.level = WARNING
            """;

    /** Configures the log manager, which calls this. */
    public QuietLogging() throws IOException {
        LogManager.getLogManager()
                .readConfiguration(new ByteArrayInputStream(SETTINGS.getBytes(StandardCharsets.UTF_8)));
    }

    /** From now on the log manager is configured so, unless somebody has configured it otherwise. */
    static void install() {
        if (System.getProperty(CLASS) == null && System.getProperty(FILE) == null) {
            System.setProperty(CLASS, QuietLogging.class.getName());
        }
    }
}
