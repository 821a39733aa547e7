package dev.rollcall.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class FileSizeTest {
    private static final int MOST_LINES = 500;

    private static List<Path> sources() {
        return House.modules().stream()
                .flatMap(module -> House.files(module.resolve("src"), ".java").stream())
                .toList();
    }

    @Test
    void everyModuleHasSources() {
        assertThat(House.modules())
                .isNotEmpty()
                .allSatisfy(module ->
                        assertThat(House.files(module.resolve("src"), ".java")).isNotEmpty());
    }

    @Test
    void noFileIsLongerThan500Lines() {
        assertThat(sources())
                .filteredOn(file -> House.read(file).lines().count() > MOST_LINES)
                .extracting(House::name)
                .isEmpty();
    }

    @Test
    void noFileContainsTabs() {
        assertThat(sources())
                .filteredOn(file -> House.read(file).contains("\t"))
                .extracting(House::name)
                .isEmpty();
    }
}
