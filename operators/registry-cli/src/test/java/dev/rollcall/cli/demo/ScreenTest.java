package dev.rollcall.cli.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.cli.support.Style;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.IntStream;
import org.jline.terminal.Size;
import org.jline.terminal.impl.LineDisciplineTerminal;
import org.junit.jupiter.api.Test;

/** The demo on a terminal of 80 columns and 24 rows, where its table alone would fill the picture. */
class ScreenTest {
    private static final int COLUMNS = 80;

    private final ByteArrayOutputStream picture = new ByteArrayOutputStream();
    private final StringWriter below = new StringWriter();

    private Screen screen() throws IOException {
        LineDisciplineTerminal terminal = new LineDisciplineTerminal("demo", "xterm-256color", picture, UTF_8);
        terminal.setSize(Size.of(COLUMNS, 24));
        List<List<String>> rows = IntStream.range(0, 40)
                .mapToObj(i -> List.of("pumps/pump-" + i, "online"))
                .toList();
        return Screen.on(terminal, new PrintWriter(below), List.of("NODE", "STATE"), () -> rows);
    }

    @Test
    void aLineThatIsTooLongGoesOnInTheNext() throws IOException {
        String line = "a".repeat(COLUMNS - 1) + "b".repeat(COLUMNS - 1) + "c".repeat(20);
        try (Screen screen = screen()) {
            screen.event(line);
            screen.refresh();
        }
        assertThat(picture.toString(UTF_8))
                .contains("a".repeat(COLUMNS - 1), "b".repeat(COLUMNS - 1), "c".repeat(20), "more");
    }

    @Test
    void theWholeStoryStaysBelowTheLastPicture() throws IOException {
        List<String> scenes = IntStream.range(0, 15)
                .mapToObj(i -> "Scene " + i + ": something happens that takes more than the eighty columns of a line")
                .toList();
        try (Screen screen = screen()) {
            scenes.forEach(screen::scene);
            screen.finish();
        }
        assertThat(below.toString().lines().filter(line -> !line.isEmpty())).containsExactlyElementsOf(scenes);
    }

    @Test
    void aSceneStandsOutIfColoursAreWanted() throws IOException {
        try (Screen screen = screen()) {
            screen.scene("Somebody comes.");
            screen.refresh();
        }
        assertThat(picture.toString(UTF_8)).contains("Somebody comes.");
        assertThat(picture.toString(UTF_8).contains("\u001b[1m")).isEqualTo(Style.isWanted());
    }
}
