package dev.rollcall.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A name says which class is meant, in talk, in a stack trace and in a search. */
class SimpleNamesTest {
    @Test
    void noSimpleNameOfATopLevelTypeOccursTwiceInMainSources() {
        Map<String, List<String>> byName = House.modules().stream()
                .flatMap(module -> House.files(module.resolve("src/main/java"), ".java").stream())
                .filter(file -> !file.endsWith("package-info.java") && !file.endsWith("module-info.java"))
                .collect(Collectors.groupingBy(
                        (Path file) -> String.valueOf(file.getFileName()),
                        TreeMap::new,
                        Collectors.mapping(House::name, Collectors.toList())));
        assertThat(byName).isNotEmpty();
        assertThat(byName.entrySet())
                .filteredOn(same -> same.getValue().size() > 1)
                .isEmpty();
    }
}
