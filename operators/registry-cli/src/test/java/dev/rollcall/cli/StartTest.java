package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a start loads is what it costs: a command that lives for a moment loads what its verb and its store need. */
class StartTest {
    /** Of the verbs, only these; a class within another counts as that one. */
    private static final Pattern VERB = Pattern.compile("dev\\.rollcall\\.cli\\.[a-z]+\\.(\\w+Command)");

    private static final String OF_THE_LAUNCHER = "-Dio.grpc.netty.shaded.io.netty.transport.noNative=true";

    @TempDir
    Path folder;

    @Test
    void theVersionNeedsNoVerbAndNoStore() throws Exception {
        List<String> loaded = loadedBy("--version");
        assertThat(verbsIn(loaded)).isEmpty();
        assertThat(loaded)
                .noneMatch(name -> name.startsWith("dev.rollcall.inmemory.")
                        || name.startsWith("dev.rollcall.etcd.")
                        || name.startsWith("dev.rollcall.zookeeper."));
        assertThat(loaded).noneMatch(StartTest::isForOthers);
    }

    @Test
    void aReadOfMemoryLoadsItsVerbAndNoOtherStore() throws Exception {
        List<String> loaded = loadedBy("count", "--backend", "inmemory:start");
        assertThat(verbsIn(loaded)).containsExactly("CountCommand");
        assertThat(loaded)
                .contains("dev.rollcall.inmemory.InMemoryBackend")
                .noneMatch(name ->
                        name.startsWith("io.grpc.") || name.startsWith("org.apache.zookeeper.") || isForOthers(name));
    }

    @Test
    void aReadOfEtcdWithoutTlsLoadsNoTlsAndPutsNothingTogetherAtRunTime() throws Exception {
        // Where nobody listens, which is as far as most classes are needed.
        List<String> loaded = loadedBy("get", "/a", "--backend", "etcd://127.0.0.1:1/start", "--timeout", "100ms");
        assertThat(verbsIn(loaded)).containsExactly("GetCommand");
        assertThat(loaded)
                .anyMatch(name -> name.startsWith("io.grpc.internal.ManagedChannelImpl"))
                .noneMatch(name -> name.startsWith("org.apache.zookeeper.")
                        || name.startsWith("sun.security.ssl.")
                        || name.startsWith("io.grpc.netty.shaded.io.netty.internal.tcnative.")
                        || name.startsWith("io.grpc.netty.shaded.io.netty.channel.epoll.Native")
                        || isForOthers(name));
    }

    /** What no brief command needs: JSON was not asked for, there is no terminal, and the methods that records have by themselves take 20 ms to be made. */
    private static boolean isForOthers(String name) {
        return name.equals("com.fasterxml.jackson.databind.ObjectMapper")
                || name.equals("java.lang.runtime.ObjectMethods")
                || name.startsWith("org.eclipse.jetty.")
                || name.startsWith("org.junit.")
                || name.startsWith("org.jline.terminal.impl.")
                || name.startsWith("org.objectweb.asm.");
    }

    private static List<String> verbsIn(List<String> loaded) {
        return loaded.stream()
                .flatMap(name -> VERB.matcher(name).results().map(found -> found.group(1)))
                .distinct()
                .toList();
    }

    private List<String> loadedBy(String... args) throws IOException, InterruptedException {
        Path log = folder.resolve("classes");
        Map<String, String> environment =
                Map.of("JDK_JAVA_OPTIONS", "-Xlog:class+load:file=" + log + " " + OF_THE_LAUNCHER);
        ProcessRun.shell(folder, "exec \"$@\"", environment, args);
        try (Stream<String> lines = Files.lines(log)) {
            return lines.map(line -> line.replaceFirst("^(\\[[^]]*])+ ", "").split(" ")[0])
                    .toList();
        }
    }
}
