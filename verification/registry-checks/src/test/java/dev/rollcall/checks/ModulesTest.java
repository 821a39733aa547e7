package dev.rollcall.checks;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Which module may depend on which, tests apart, and which packages are in which. */
class ModulesTest {
    private static final Pattern ARTIFACT = Pattern.compile("</parent>\\s*<artifactId>([^<]+)<");
    private static final Pattern OURS = Pattern.compile(
            "<dependency>\\s*<groupId>dev\\.rollcall</groupId>\\s*"
                    + "<artifactId>([^<]+)</artifactId>(?:(?!</dependency>|<scope>test<).)*</dependency>",
            Pattern.DOTALL);
    private static final Pattern PACKAGE = Pattern.compile("^package ([\\w.]+);", Pattern.MULTILINE);

    private static final String API = "registry-api";
    private static final String CORE = "registry-core";
    private static final String KIT = "registry-tck";

    /** What lies in the top folder and is neither the contract nor an example: core, the stores, the kit. */
    private static Set<String> top() {
        return House.modules().stream()
                .filter(module -> House.ROOT.equals(module.getParent()))
                .map(ModulesTest::artifact)
                .filter(artifact -> artifact.startsWith("registry-"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<Path> in(String folder) {
        return House.modules().stream()
                .filter(module -> House.ROOT.resolve(folder).equals(module.getParent()))
                .toList();
    }

    private static String artifact(Path module) {
        return ARTIFACT.matcher(House.read(module.resolve("pom.xml")))
                .results()
                .map((MatchResult found) -> found.group(1))
                .findFirst()
                .orElseThrow(() -> new AssertionError(House.name(module) + "/pom.xml has no parent"));
    }

    private static String pomWithoutProfiles(Path module) {
        return House.read(module.resolve("pom.xml")).replaceAll("(?s)<profiles>.*", "");
    }

    private static Set<String> needs(Path module) {
        return OURS.matcher(pomWithoutProfiles(module))
                .results()
                .map((MatchResult found) -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void theContractNeedsNothingOfOurs() {
        assertThat(needs(House.ROOT.resolve(API))).isEmpty();
    }

    @Test
    void coreTheStoresAndTheKitNeedTheContractAlone() {
        assertThat(top())
                .contains(API, CORE, KIT)
                .filteredOn(artifact -> !artifact.equals(API))
                .allSatisfy(artifact -> assertThat(needs(House.ROOT.resolve(artifact)))
                        .as(artifact)
                        .containsExactly(API));
    }

    @Test
    void whatHostsAddNeedsTheContractCoreAndStores() {
        Set<String> allowed = top();
        allowed.remove(KIT);
        assertThat(in("hosts"))
                .isNotEmpty()
                .allSatisfy(module ->
                        assertThat(needs(module)).as(House.name(module)).isSubsetOf(allowed));
    }

    @Test
    void runsUnderFaultsNeedCoreAndTheKit() {
        assertThat(needs(House.ROOT.resolve("verification/registry-nemesis"))).containsExactly(CORE, KIT);
    }

    @Test
    void theCommandIsBuiltWithoutAnyTests() {
        // The launcher builds what the command needs with -Dmaven.test.skip, and then there is no jar of tests to
        // depend on.
        Map<String, Path> modules =
                House.modules().stream().collect(Collectors.toMap(ModulesTest::artifact, module -> module));
        Set<String> needed = new TreeSet<>(Set.of("registry-cli"));
        for (int before = 0; before < needed.size(); ) {
            before = needed.size();
            Set.copyOf(needed).forEach(artifact -> needed.addAll(needs(requireNonNull(modules.get(artifact)))));
        }
        assertThat(needed).contains(API, CORE, KIT, "registry-nemesis");
        assertThat(needed)
                .allSatisfy(artifact -> assertThat(pomWithoutProfiles(requireNonNull(modules.get(artifact))))
                        .as(artifact)
                        .doesNotContain("<type>test-jar<"));
    }

    @Test
    void nothingThatIsPublishedNeedsWhatIsNot() {
        Set<String> unpublished = House.modules().stream()
                .filter(module -> House.read(module.resolve("pom.xml")).contains("<maven.deploy.skip>true<"))
                .map(ModulesTest::artifact)
                .collect(Collectors.toSet());
        assertThat(unpublished).contains("registry-benchmarks", "registry-fuzz", "registry-checks");
        assertThat(House.modules())
                .filteredOn(module -> !unpublished.contains(artifact(module)))
                .allSatisfy(module ->
                        assertThat(needs(module)).as(House.name(module)).doesNotContainAnyElementsOf(unpublished));
    }

    @Test
    void noPackageIsInTwoModules() {
        Map<String, Set<String>> homes = new TreeMap<>();
        for (Path module : House.modules()) {
            for (Path file : House.files(module.resolve("src/main/java"), ".java")) {
                PACKAGE.matcher(House.read(file))
                        .results()
                        .forEach(found -> homes.computeIfAbsent(found.group(1), name -> new TreeSet<>())
                                .add(House.name(module)));
            }
        }
        assertThat(homes)
                .containsEntry("dev.rollcall.kv", Set.of(API))
                .containsEntry("dev.rollcall.registry", Set.of(CORE));
        assertThat(homes.entrySet())
                .filteredOn(home -> home.getValue().size() > 1)
                .isEmpty();
    }
}
