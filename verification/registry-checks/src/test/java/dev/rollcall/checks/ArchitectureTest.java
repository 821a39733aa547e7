package dev.rollcall.checks;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.lang.ArchRule;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchitectureTest {
    private static final List<String> BACKENDS = House.backends();
    private static final String[] PROGRAMS = {
        "dev.rollcall.cli..", "dev.rollcall.benchmarks..", "dev.rollcall.examples..", "dev.rollcall.fuzz.."
    };
    /** What users of a module have anyway: Java, ours, annotations, logging, and for the kit its test framework. Any other library stays inside. */
    private static final String[] EXPOSED = {
        "java..",
        "javax.net.ssl..",
        "dev.rollcall..",
        "org.jspecify..",
        "org.slf4j..",
        "org.junit..",
        "org.opentest4j.."
    };
    /** What takes the configuration of another client, and opens one store by it. */
    private static final String[] CONFIGURATIONS = {"dev.rollcall.jetcd..", "dev.rollcall.curator.."};

    private static final String GUICE = "com.google.inject..";
    private static final String MICROMETER = "io.micrometer..";
    private static final String JACKSON = "com.fasterxml..";
    private static final String JETTY = "org.eclipse.jetty..";
    /** Each of these has a rule of its own. */
    private static final String[] LIBRARIES = {GUICE, MICROMETER, JACKSON};

    private static final DescribedPredicate<JavaClass> IN_A_LIBRARY = describe(
            "in a library",
            type -> !type.isPrimitive()
                    && !type.isArray()
                    && !resideInAnyPackage(EXPOSED).test(type));

    private static final JavaClasses MAIN = House.mainClasses();
    private static final JavaClasses TESTS = House.testClasses();

    @Test
    void everyModuleWasImported() {
        assertThat(MAIN).isNotEmpty();
        assertThat(House.judged())
                .as("modules on which registry-checks must depend, so that they are built before it")
                .isNotEmpty()
                .allSatisfy(
                        module -> assertThat(module.resolve("target/classes")).isNotEmptyDirectory());
        assertThat(House.judged().stream()
                        .map(module -> module.resolve("pom.xml"))
                        .filter(Files::isRegularFile)
                        .map(House::read)
                        .map(pom -> pom.replaceAll("(?s).*</parent>\\s*<artifactId>([^<]+)<.*", "$1")))
                .allSatisfy(
                        artifact -> assertThat(House.read(House.ROOT.resolve("verification/registry-checks/pom.xml")))
                                .contains("<artifactId>" + artifact + "</artifactId>"));
    }

    @Test
    void contractDependsOnNothingButAnnotationsAndLogging() {
        holds(classes()
                .that()
                .resideInAPackage("dev.rollcall.kv..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify..", "org.slf4j..", "dev.rollcall.kv.."));
    }

    @Test
    void registryIsBuiltOnTheContract() {
        holds(onlyKnows("dev.rollcall.registry..", "dev.rollcall.kv.."));
    }

    @Test
    void coordinationIsBuiltOnTheContract() {
        holds(onlyKnows("dev.rollcall.coordination..", "dev.rollcall.kv.."));
    }

    @Test
    void backendsAreBuiltOnTheContract() {
        assertThat(BACKENDS).contains("dev.rollcall.inmemory..", "dev.rollcall.etcd..");
        BACKENDS.forEach(backend -> holds(onlyKnows(backend, "dev.rollcall.kv..")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"guice", "micrometer"})
    void whatHostsMayAddIsBuiltOnTheRegistry(String module) {
        holds(onlyKnows("dev.rollcall." + module + "..", "dev.rollcall.kv..", "dev.rollcall.registry.."));
    }

    @Test
    void theConsoleIsBuiltOnTheCore() {
        holds(onlyKnows(
                "dev.rollcall.console..",
                "dev.rollcall.kv..",
                "dev.rollcall.registry..",
                "dev.rollcall.coordination.."));
    }

    @Test
    void configurationsOfClientsAreForOneStoreEach() {
        holds(onlyKnows("dev.rollcall.jetcd..", "dev.rollcall.kv..", "dev.rollcall.etcd.."));
        holds(onlyKnows("dev.rollcall.curator..", "dev.rollcall.kv..", "dev.rollcall.zookeeper.."));
    }

    @Test
    void nobodyNeedsWhatHostsMayAdd() {
        holds(onlyKnownIn("dev.rollcall.guice..", GUICE));
        holds(onlyKnownIn("dev.rollcall.micrometer..", MICROMETER));
        holds(onlyKnownIn("dev.rollcall.console..", JETTY));
        for (String configuration : CONFIGURATIONS) {
            holds(noClasses()
                    .that(not(resideInAnyPackage(configuration)))
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(configuration));
        }
    }

    /** Runs under faults are a module of their own, which also watches over nodes that stay registered, views of them, and locks. */
    @Test
    void kitIsBuiltOnTheContractAndRunsUnderFaultsOnWhatIsBuiltOnItToo() {
        holds(noClasses()
                .that()
                .resideInAPackage("dev.rollcall.tck..")
                .and()
                .resideOutsideOfPackage("dev.rollcall.tck.nemesis..")
                .should()
                .dependOnClassesThat(resideInAnyPackage("dev.rollcall..")
                        .and(not(resideInAnyPackage("dev.rollcall.tck..", "dev.rollcall.kv..")))));
        holds(noClasses()
                .that()
                .resideInAPackage("dev.rollcall.tck.nemesis..")
                .should()
                .dependOnClassesThat(resideInAnyPackage("dev.rollcall..")
                        .and(not(resideInAnyPackage(
                                "dev.rollcall.tck..",
                                "dev.rollcall.kv..",
                                "dev.rollcall.registry..",
                                "dev.rollcall.coordination..")))));
    }

    /** It may be set back; what people read, and whether a certificate has expired, are the exceptions. */
    @Test
    void nothingIsTimedByTheWallClock() {
        holds(noClasses()
                .that(not(resideInAnyPackage(PROGRAMS)))
                .and()
                .doNotHaveFullyQualifiedName("dev.rollcall.kv.support.SystemTime")
                .and()
                .doNotHaveFullyQualifiedName("dev.rollcall.etcd.Probe")
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Instant.class, "now"));
    }

    @Test
    void onlyProgramsAndConfigurationsOfClientsNameABackend() {
        for (String backend : BACKENDS) {
            holds(noClasses()
                    .that(not(resideInAnyPackage(PROGRAMS)))
                    .and(not(resideInAnyPackage(CONFIGURATIONS)))
                    .and()
                    .resideOutsideOfPackage(backend)
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(backend));
        }
    }

    @Test
    void jacksonStaysOutOfTheContractAndTheBackends() {
        holds(noClasses()
                .that()
                .resideOutsideOfPackages(
                        "dev.rollcall.registry..",
                        "dev.rollcall.coordination..",
                        "dev.rollcall.tck..",
                        "dev.rollcall.console..")
                .and(not(resideInAnyPackage(PROGRAMS)))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(JACKSON));
    }

    /** But for those whose purpose it is: to take what a host has made for its own client. */
    @Test
    void noClientTypeIsPartOfAnApi() {
        holds(classes()
                .that(not(resideInAnyPackage(PROGRAMS)))
                .and(not(resideInAnyPackage(CONFIGURATIONS)))
                .and()
                .doNotHaveFullyQualifiedName("dev.rollcall.etcd.EtcdBackendBuilder")
                .and()
                .doNotHaveFullyQualifiedName("dev.rollcall.zookeeper.ZooKeeperBackendBuilder")
                .should(new Signatures(
                        "expose a library's types", IN_A_LIBRARY.and(not(resideInAnyPackage(LIBRARIES))))));
    }

    @Test
    void noJacksonTypeIsPartOfAnApiButTheRegistrys() {
        holds(classes()
                .that(not(resideInAnyPackage(PROGRAMS)))
                .and()
                .resideOutsideOfPackage("dev.rollcall.registry..")
                .should(new Signatures("expose Jackson's types", resideInAnyPackage(JACKSON))));
    }

    @Test
    void noApiThrowsException() {
        holds(classes().that(not(resideInAnyPackage(PROGRAMS))).should(new ThrowsNamedExceptions()));
    }

    @ParameterizedTest
    @ValueSource(strings = {".*Impl", ".*Manager", ".*Helper", ".*Utils?", "Abstract.*"})
    void namesSayWhatAClassIs(String empty) {
        ArchRule rule = noClasses().should().haveNameMatching(".*[.$]" + empty);
        holds(rule);
        rule.allowEmptyShould(true).check(TESTS);
    }

    @Test
    void everyPackageIsNullMarked() {
        assertThat(packages(MAIN))
                .isNotEmpty()
                .filteredOn(where -> !where.isAnnotatedWith(NullMarked.class))
                .extracting(JavaPackage::getName)
                .isEmpty();
    }

    @Test
    void classesWithTestsHaveTheNameThatSelectsThem() {
        classes()
                .that()
                .areTopLevelClasses()
                .and()
                .doNotHaveModifier(JavaModifier.ABSTRACT)
                .and()
                .containAnyMethodsThat(describe(
                        "are tests",
                        method ->
                                method.isAnnotatedWith(Test.class) || method.isAnnotatedWith(ParameterizedTest.class)))
                .should()
                .haveSimpleNameEndingWith("Test")
                .allowEmptyShould(true)
                .check(TESTS);
    }

    /** Programs apart, a library and what is built on it are used in one module. */
    private static ArchRule onlyKnownIn(String module, String library) {
        return noClasses()
                .that(not(resideInAnyPackage(PROGRAMS)))
                .and()
                .resideOutsideOfPackage(module)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(library, module);
    }

    private static ArchRule onlyKnows(String module, String... contracts) {
        return noClasses()
                .that()
                .resideInAPackage(module)
                .should()
                .dependOnClassesThat(resideInAnyPackage("dev.rollcall..")
                        .and(not(resideInAnyPackage(module)))
                        .and(not(resideInAnyPackage(contracts))));
    }

    private static void holds(ArchRule rule) {
        rule.allowEmptyShould(true).check(MAIN);
    }

    private static Stream<JavaPackage> packages(JavaClasses classes) {
        return classes.stream().map(JavaClass::getPackage).distinct();
    }
}
