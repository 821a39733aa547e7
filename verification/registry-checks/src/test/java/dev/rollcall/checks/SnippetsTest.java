package dev.rollcall.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compiles every {@code ```java} block of the README and the docs. A block is what could stand in a method, types included; A block that builds on the one before says {@code ```java continued}.
 */
class SnippetsTest {
    private static final Pattern BLOCK =
            Pattern.compile("^```java( continued)?\\R(.*?)^```", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern PUBLIC =
            Pattern.compile("^public (?=.*\\b(class|interface|record|enum) )", Pattern.MULTILINE);

    /** Imports that readers can guess and pages therefore leave out. */
    private static final String ASSUMED = Stream.of(
                    "static org.assertj.core.api.Assertions.*",
                    "dev.rollcall.kv.*",
                    "dev.rollcall.registry.*",
                    "dev.rollcall.coordination.*",
                    "dev.rollcall.inmemory.*",
                    "dev.rollcall.tck.*",
                    "dev.rollcall.guice.*",
                    "dev.rollcall.micrometer.*",
                    "dev.rollcall.console.*",
                    "com.google.inject.name.*",
                    "java.nio.file.*",
                    "java.time.*",
                    "java.util.*",
                    "java.util.concurrent.*")
            .map(name -> "import " + name + ";\n")
            .collect(Collectors.joining());

    @TempDir
    Path classes;

    @TestFactory
    Stream<DynamicTest> everySnippetCompiles() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path page : pages()) {
            Path name = House.ROOT.relativize(page);
            String before = "";
            int number = 0;
            Matcher block = BLOCK.matcher(Files.readString(page));
            while (block.find()) {
                String snippet = block.group(1) == null ? block.group(2) : before + block.group(2);
                before = snippet;
                number++;
                tests.add(DynamicTest.dynamicTest(
                        name + " #" + number, () -> assertThat(compile(snippet)).isEmpty()));
            }
        }
        return tests.stream();
    }

    @Test
    void aSnippetThatIsWrongIsFound() throws IOException {
        assertThat(compile("dev.rollcall.kv.Key.of(5);")).contains("incompatible types");
        assertThat(compile("import dev.rollcall.kv.Key;\nKey key = Key.of(\"/a\");"))
                .isEmpty();
        assertThat(compile("record R(int x) {}")).isEmpty();
    }

    @Test
    void theReadmeHasCode() throws IOException {
        assertThat(BLOCK.matcher(Files.readString(House.ROOT.resolve("README.md")))
                        .find())
                .isTrue();
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(House.ROOT.resolve("README.md")));
        for (String folder : List.of("docs", "examples")) {
            try (Stream<Path> files = Files.walk(House.ROOT.resolve(folder))) {
                files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
            }
        }
        return pages;
    }

    /** The compiler's complaints about a snippet, or nothing. */
    private String compile(String snippet) throws IOException {
        StringBuilder imports = new StringBuilder();
        StringBuilder body = new StringBuilder();
        snippet.lines()
                .forEach(line -> (line.startsWith("import ") ? imports : body)
                        .append(line)
                        .append('\n'));
        // Types may be declared in a method, but not as public ones.
        String source = ASSUMED + imports + "class Snippet {\nvoid snippet() throws Exception {\n"
                + PUBLIC.matcher(body).replaceAll("") + "}\n}\n";
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter complaints = new StringWriter();
        List<String> options =
                List.of("-d", classes.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none");
        compiler.getTask(complaints, null, null, options, null, List.of(new Source(source)))
                .call();
        return complaints.toString();
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String text) {
            super(URI.create("string:///Snippet.java"), JavaFileObject.Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
