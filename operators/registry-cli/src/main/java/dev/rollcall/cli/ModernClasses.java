package dev.rollcall.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Opcodes;

/**
 * Writes classes of the format of Java 5, which are picocli's, in a later one. The JVM keeps no class of that old format in its archive, and verifies each
 * anew by a slower way: together a third of the shortest starts.
 */
final class ModernClasses {
    /** The first format of which each class must say what is on its stack, so that nothing falls back to the old way of verification. */
    private static final int FORMAT = Opcodes.V1_7;

    private ModernClasses() {}

    /** Writes the classes of the class path's picocli to the jar that {@code args} name; the launcher puts it before the others. */
    public static void main(String[] args) throws IOException {
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (Path.of(entry).getFileName().toString().matches("picocli-[0-9.]+\\.jar")) {
                write(Path.of(entry), Path.of(args[0]));
                return;
            }
        }
        throw new IOException("The class path has no picocli.");
    }

    /** Writes the classes of {@code from} to {@code to}, and nothing else. */
    static void write(Path from, Path to) throws IOException {
        try (ZipFile jar = new ZipFile(from.toFile());
                JarOutputStream out = new JarOutputStream(Files.newOutputStream(to))) {
            for (Enumeration<? extends ZipEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
                ZipEntry entry = entries.nextElement();
                String name = entry.getName();
                if (name.endsWith(".class") && !name.startsWith("META-INF/")) {
                    JarEntry written = new JarEntry(name);
                    written.setTime(entry.getTime());
                    out.putNextEntry(written);
                    out.write(modern(jar.getInputStream(entry).readAllBytes()));
                }
            }
        }
    }

    private static byte[] modern(byte[] file) {
        ClassReader reader = new ClassReader(file);
        ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_FRAMES);
        ClassVisitor newer = new ClassVisitor(Opcodes.ASM9, writer) {
            @Override
            public void visit(
                    int version,
                    int access,
                    String name,
                    @Nullable String signature,
                    @Nullable String parent,
                    String @Nullable [] interfaces) {
                super.visit(Math.max(version, FORMAT), access, name, signature, parent, interfaces);
            }
        };
        reader.accept(newer, ClassReader.SKIP_FRAMES);
        return writer.toByteArray();
    }
}
