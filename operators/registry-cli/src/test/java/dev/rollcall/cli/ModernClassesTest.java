package dev.rollcall.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ModernClassesTest {
    private static final int JAVA_7 = 51;

    @TempDir
    Path folder;

    @Test
    void allClassesAreOfTheLaterFormatAndPassVerification() throws Exception {
        Path picocli = picocli();
        Path modern = folder.resolve("modern.jar");
        ModernClasses.write(picocli, modern);
        List<String> names;
        try (JarFile before = new JarFile(picocli.toFile());
                JarFile after = new JarFile(modern.toFile())) {
            names = classes(after);
            assertThat(names).containsExactlyElementsOf(classes(before)).contains("picocli.CommandLine");
            for (String name : names) {
                assertThat(format(after, name)).as(name).isGreaterThanOrEqualTo(JAVA_7);
            }
        }
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {modern.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
            for (String name : names) {
                // A class is verified before it is initialized.
                assertThat(Class.forName(name, true, loader).getClassLoader()).isSameAs(loader);
            }
        }
    }

    /** The premise: once picocli comes in a later format, there is nothing left to do. */
    @Test
    void picocliStillComesInTheOldFormat() throws Exception {
        try (JarFile jar = new JarFile(picocli().toFile())) {
            assertThat(format(jar, "picocli.CommandLine")).isLessThan(JAVA_7);
        }
    }

    private static Path picocli() throws URISyntaxException {
        return Path.of(CommandLine.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    }

    private static List<String> classes(JarFile jar) {
        return jar.stream()
                .map(JarEntry::getName)
                .filter(name -> name.endsWith(".class") && !name.startsWith("META-INF/"))
                .map(name -> name.replace(".class", "").replace('/', '.'))
                .toList();
    }

    private static int format(JarFile jar, String name) throws IOException {
        byte[] file = jar.getInputStream(jar.getJarEntry(name.replace('.', '/') + ".class"))
                .readAllBytes();
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(file))) {
            in.skipBytes(6);
            return in.readUnsignedShort();
        }
    }
}
