package dev.rollcall.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.KvBackends;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What it takes that a backend is one of this repository: the only list of it. A module in the top folder that offers a provider is a backend;
 * what is still missing for one fails here, by name. {@code scripts/join-backend} writes the test classes.
 */
class JoinedBackendsTest {
    /** A test of one store that is a suite for all of them; in modules that belong to no store. */
    private static final Pattern SUITE = Pattern.compile("(?m)^(?:final )?class (\\w+Test) extends (\\w+) \\{");

    private static final String IN_MEMORY = "inmemory";

    /** Such as {@code etcd}, which is also the scheme of its URLs. */
    static Stream<String> backends() {
        return House.backends().stream().map(name -> name.replaceAll("dev\\.rollcall\\.(\\w+)\\.\\.", "$1"));
    }

    static Stream<String> schemes() {
        return KvBackends.schemes().stream();
    }

    @Test
    void thereAreBackends() {
        assertThat(backends()).contains(IN_MEMORY, "etcd", "zookeeper");
    }

    @ParameterizedTest
    @MethodSource("backends")
    void eachIsWhereUsersAndProgramsLookForIt(String backend) {
        assertThat(KvBackends.schemes()).contains(backend);
        String artifact = "<artifactId>registry-" + backend + "</artifactId>";
        for (String pom : List.of(
                "pom.xml", // the version, for the modules that use it
                "hosts/registry-bom/pom.xml", // the same, for hosts
                "operators/registry-cli/pom.xml", // so that the command opens it
                "verification/registry-checks/pom.xml")) { // so that it is judged here
            assertThat(House.ROOT.resolve(pom)).content().contains(artifact);
        }
        assertThat(House.ROOT.resolve("registry-api/src/main/java/dev/rollcall/kv/KvBackends.java"))
                .as("the artifact in the error for a scheme without a provider")
                .content()
                .contains("\"dev.rollcall:registry-" + backend + "\"");
        assertThat(House.ROOT.resolve("docs/backends/" + backend + ".md")).isRegularFile();
        assertThat(House.ROOT.resolve("README.md")).content().contains("docs/backends/" + backend + ".md");
    }

    /** What is wrong with a URL is found without opening anything. */
    @ParameterizedTest
    @MethodSource("schemes")
    void anUnknownOptionIsRefusedByEachScheme(String scheme) {
        String url = scheme + (scheme.equals(IN_MEMORY) ? ":url-checks" : "://url-checks/p");
        assertThatCode(() -> KvBackends.check(BackendUrl.parse(url))).doesNotThrowAnyException();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KvBackends.check(BackendUrl.parse(url + "?tiemout=5s")))
                .withMessageContaining("Unknown option 'tiemout'");
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.contains("url-checks"));
    }

    @Test
    void eachSuiteForOneServerRunsOnAllOfThem() {
        Set<String> servers = new TreeSet<>(backends().toList());
        servers.remove(IN_MEMORY);
        Map<String, Set<String>> runs = new TreeMap<>();
        tests().forEach(file -> SUITE.matcher(House.read(file))
                .results()
                .forEach(found -> servers.stream()
                        .filter(found.group(1).toLowerCase(Locale.ROOT)::startsWith)
                        .forEach(server -> runs.computeIfAbsent(found.group(2), suite -> new TreeSet<>())
                                .add(server))));
        assertThat(runs).containsKeys("HealingSuite", "LockSuite", "LoadSuite", "SchedulerSuite");
        assertThat(runs)
                .allSatisfy((suite, on) -> assertThat(on)
                        .as("servers with a class for %s; see scripts/join-backend", suite)
                        .isEqualTo(servers));
    }

    private static Stream<Path> tests() {
        return House.modules().stream()
                .filter(module -> !Files.exists(
                        module.resolve("src/main/resources/META-INF/services/dev.rollcall.kv.KvBackendProvider")))
                .flatMap(module -> House.files(module.resolve("src/test"), "Test.java").stream());
    }
}
