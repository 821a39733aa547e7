package dev.rollcall.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Pages for readers: each leads to the glossary, no link is dead, and the map of the code names types that exist. */
class PagesTest {
    private static final Pattern CODE_BLOCK = Pattern.compile("(?ms)^```.*?^```");
    private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)\\s#]*)(?:#([^)\\s]*))?\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");
    private static final Pattern TYPE = Pattern.compile("`([A-Z][a-z]\\w*)(?:\\.\\w+)?`");
    private static final Pattern ARTIFACT = Pattern.compile("(?:<artifactId>|`)(registry-[a-z]+)[<`]");
    private static final Pattern VERSION = Pattern.compile("<version>([^<]+)</version>");
    private static final Pattern PUBLIC_TYPE =
            Pattern.compile("(?m)^public (?:(?:abstract|final|sealed|non-sealed) )*(?:class|@?interface|record|enum) ");
    private static final Pattern NAMED = Pattern.compile("\\{@code\\s[*\\s]*([A-Z][a-z]\\w*)(?:\\.\\w+)?}");
    private static final Path DECISIONS = House.ROOT.resolve("docs/decisions");
    private static final Path GLOSSARY = House.ROOT.resolve("docs/glossary.md");
    private static final Path MAP = House.ROOT.resolve("docs/architecture.md");

    private static List<Path> pages() {
        List<Path> pages = new ArrayList<>(List.of(
                House.ROOT.resolve("README.md"),
                House.ROOT.resolve("CONTRIBUTING.md"),
                House.ROOT.resolve("examples/README.md")));
        pages.addAll(House.files(House.ROOT.resolve("docs"), ".md"));
        return pages;
    }

    @Test
    void everyPageLinksToTheGlossary() {
        assertThat(pages())
                .filteredOn(page -> !page.equals(GLOSSARY) && !isDecision(page))
                .filteredOn(page -> !House.read(page).contains("glossary.md"))
                .extracting(House::name)
                .isEmpty();
    }

    private static boolean isDecision(Path page) {
        return DECISIONS.equals(page.getParent()) && !page.endsWith("README.md");
    }

    @Test
    void noLinkIsDead() {
        assertThat(pages()).flatExtracting(PagesTest::deadLinks).isEmpty();
    }

    private static List<String> deadLinks(Path page) {
        return LINK.matcher(prose(page))
                .results()
                .filter(link -> !isAlive(page, link))
                .map(link -> House.name(page) + ": " + link.group())
                .toList();
    }

    private static boolean isAlive(Path page, MatchResult link) {
        Path target = link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1));
        return Files.exists(target) && (link.group(2) == null || anchors(target).anyMatch(link.group(2)::equals));
    }

    /** The headings of a page, as a link names them. */
    private static Stream<String> anchors(Path page) {
        return HEADING.matcher(prose(page))
                .results()
                .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
                .map(heading -> heading.replaceAll("[^\\w\\- ]", "").replace(' ', '-'));
    }

    private static String prose(Path page) {
        return CODE_BLOCK.matcher(House.read(page)).replaceAll("");
    }

    /** What somebody new copies from there has to resolve. */
    @Test
    void thePomOfTheReadmeNamesWhatTheBuildInstalls() {
        String readme = House.read(House.ROOT.resolve("README.md"));
        String use = readme.substring(readme.indexOf("## Use it"), readme.indexOf("## Read on"));
        String bom = House.read(House.ROOT.resolve("hosts/registry-bom/pom.xml"));
        assertThat(use.substring(0, use.indexOf("```xml"))).contains("mvn -DskipTests install");
        assertThat(groups(ARTIFACT, use)).contains("registry-bom").isSubsetOf(groups(ARTIFACT, bom));
        assertThat(groups(VERSION, use)).containsExactly(groups(VERSION, bom).get(0));
    }

    private static List<String> groups(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(found -> found.group(1)).toList();
    }

    @Test
    void theMapOfTheCodeNamesTypesThatExist() {
        List<String> names = House.modules().stream()
                .flatMap(module -> House.files(module.resolve("src"), ".java").stream())
                .map(file -> file.getFileName().toString().replace(".java", ""))
                .toList();
        String map = House.read(MAP);
        String where = map.substring(map.indexOf("## Where to change what"), map.indexOf("## Other pages"));
        assertThat(TYPE.matcher(where).results().map(type -> type.group(1)).toList())
                .isNotEmpty()
                .filteredOn(type -> !names.contains(type))
                .isEmpty();
    }

    /** Compilers look at links only, and what is not public is named as code. */
    @Test
    void theMapsOfPackagesNameTypesThatExist() {
        List<String> names = House.modules().stream()
                .flatMap(module -> House.files(module.resolve("src"), ".java").stream())
                .map(file -> file.getFileName().toString().replace(".java", ""))
                .toList();
        List<String> named = House.modules().stream()
                .flatMap(module -> House.files(module.resolve("src/main/java"), "package-info.java").stream())
                .map(House::read)
                .filter(text -> text.contains("<ol>"))
                .flatMap(map -> groups(NAMED, map).stream())
                .toList();
        assertThat(named).isNotEmpty().filteredOn(name -> !names.contains(name)).isEmpty();
    }

    @Test
    void theCountsOfPublicTypesAreTrue() {
        String map = House.read(MAP);
        String table = map.substring(map.indexOf("Public top-level types"), map.indexOf("## Rules, enforced"));
        Map<String, Long> claimed = new TreeMap<>();
        table.lines().filter(line -> line.startsWith("| `registry-")).forEach(row -> {
            String[] cells = row.split("\\|");
            List<String> modules = groups(ARTIFACT, cells[1]);
            String[] counts = cells[3].replaceAll("\\(.*?\\)", "").split(",");
            for (int i = 0; i < counts.length; i++) {
                claimed.put(modules.get(i), Long.valueOf(counts[i].strip()));
            }
        });
        Map<String, Long> counted = new TreeMap<>();
        House.modules().stream()
                .filter(module -> claimed.containsKey(String.valueOf(module.getFileName())))
                .forEach(module -> counted.put(String.valueOf(module.getFileName()), publicTypes(module)));
        assertThat(claimed).isNotEmpty().isEqualTo(counted);
    }

    private static long publicTypes(Path module) {
        return House.files(module.resolve("src/main/java"), ".java").stream()
                .filter(file -> PUBLIC_TYPE.matcher(House.read(file)).find())
                .count();
    }
}
