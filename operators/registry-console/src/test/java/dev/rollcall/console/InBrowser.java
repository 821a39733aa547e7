package dev.rollcall.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Runs steps in the machine's browser: one for all test classes, and for each run a console of its own. A machine without a browser proves nothing here, and
 * the last lines of the build say so.
 */
final class InBrowser implements BeforeAllCallback {
    private static final Path MISSING = Path.of("target", "no-browser.txt");

    private @Nullable Browser browser;

    /** What is done in a browser. */
    interface Steps {
        void run(Browser in, ConsoleFixture fixture) throws Exception;
    }

    /** What is done with a console that is not the fixture's. */
    interface OwnSteps {
        void run(Browser in) throws Exception;
    }

    /** Closed with the last class. */
    private record Found(@Nullable Browser browser) implements AutoCloseable {
        @Override
        public void close() {
            if (browser != null) {
                browser.close();
            }
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        browser = context.getRoot()
                .getStore(ExtensionContext.Namespace.create(InBrowser.class))
                .getOrComputeIfAbsent(Found.class, key -> find(), Found.class)
                .browser();
    }

    private static Found find() {
        Browser found = Browser.find().orElse(null);
        try {
            Files.createDirectories(MISSING.getParent());
            Files.deleteIfExists(MISSING);
            if (found == null) {
                Files.writeString(
                        MISSING,
                        "Not proven here: the console's page in a browser. 'apt-get install chromium"
                                + " chromium-driver' brings one.");
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return new Found(found);
    }

    void browse(boolean changes, Steps steps) throws Exception {
        browse(options -> options.allowChanges(changes), steps);
    }

    /** Runs steps with a console that has these options, and expects that the browser complains of nothing. */
    void browse(UnaryOperator<ConsoleOptions.Builder> options, Steps steps) throws Exception {
        use(in -> {
            try (ConsoleFixture fixture = new ConsoleFixture(options)) {
                steps.run(in, fixture);
            }
        });
    }

    /** As {@link #browse}, with a console that the steps start. */
    void use(OwnSteps steps) throws Exception {
        if (browser == null) {
            return;
        }
        browser.forget();
        steps.run(browser);
        assertThat(browser.complaints()).isEmpty();
    }
}
