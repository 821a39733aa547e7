package dev.rollcall.cli;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipFile;

/**
 * Uses what a command uses, so that the JVM can keep the classes for the next starts: the launcher runs it once with {@code -XX:ArchiveClassesAtExit}. Stores
 * that are not there are tried as well, and the classes of their clients that only an answer would need are loaded by name.
 */
final class Rehearsal {
    private static final Pattern JARS = Pattern.compile(
            "(registry-(api|core|cli|inmemory|etcd|zookeeper)|picocli|jackson|slf4j|grpc|jetcd|zookeeper|perfmark|protobuf).*\\.jar");
    private static final List<List<String>> COMMANDS = List.of(
            List.of("put", "/a/b", "c"),
            List.of("get", "/a/b"),
            List.of("get", "/a/b", "-o", "json"),
            List.of("list", "/"),
            List.of("tree"),
            List.of("ls"),
            List.of("count"),
            List.of("delete", "/a/b"),
            List.of("nodes", "list", "pumps"),
            List.of("locks"),
            List.of("--help"),
            List.of("--version"));

    private Rehearsal() {}

    /** Rehearses; whatever fails was at least begun. */
    public static void main(String[] args) {
        QuietLogging.install();
        COMMANDS.forEach(command -> run(command, "inmemory:rehearsal"));
        // Where nobody listens, which is known at once.
        run(List.of("get", "/a", "--timeout", "200ms"), "etcd://127.0.0.1:1/a");
        run(List.of("get", "/a", "--timeout", "200ms"), "zookeeper://127.0.0.1:1/a");
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            File jar = new File(entry);
            if (JARS.matcher(jar.getName()).matches()) {
                load(jar);
            }
        }
        System.exit(0);
    }

    private static void run(List<String> command, String url) {
        String[] args = command.get(0).startsWith("--")
                ? command.toArray(String[]::new)
                : Stream.concat(command.stream(), List.of("--backend", url).stream())
                        .toArray(String[]::new);
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        try {
            Main.commandLine(args).setOut(nowhere).setErr(nowhere).execute(TypedArguments.of(args));
        } catch (LinkageError e) {
            // The help names verbs whose libraries are not here.
            return;
        }
    }

    private static void load(File jar) {
        try (ZipFile zip = new ZipFile(jar)) {
            zip.stream()
                    .map(entry -> entry.getName())
                    .filter(name -> name.endsWith(".class") && !name.startsWith("META-INF/"))
                    .map(name ->
                            name.substring(0, name.length() - ".class".length()).replace('/', '.'))
                    .forEach(Rehearsal::load);
        } catch (IOException e) {
            // Its classes are loaded when they are needed, as ever.
            return;
        }
    }

    private static void load(String name) {
        try {
            Class.forName(name, false, Rehearsal.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            // For a library that is not here.
            return;
        }
    }
}
