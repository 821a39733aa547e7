package dev.rollcall.cli.support;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.KvBackends;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Stores by name, kept in a file: {@code $ROLLCALL_CONTEXTS}, else {@code rollcall/contexts} in the user's directory for settings. It holds URLs and where
 * passwords are found, never a password.
 */
public final class Contexts {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");
    private static final String CURRENT = "current";

    private final Path file;
    private final Map<String, Context> contexts = new TreeMap<>();
    private @Nullable String current;

    /**
     * A store.
     *
     * @param url its URL, without a password
     * @param passwordFile the file whose first line is the password, or null
     * @param passwordEnv the variable of the environment that is the password, or null
     */
    public record Context(
            String url,
            @Nullable String passwordFile,
            @Nullable String passwordEnv) {}

    private Contexts(Path file) {
        this.file = file;
    }

    /**
     * Reads the file; there are no contexts if there is none.
     *
     * @throws UsageException if it cannot be read
     */
    public static Contexts read() {
        Contexts contexts = new Contexts(location());
        if (!Files.exists(contexts.file)) {
            return contexts;
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(contexts.file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new UsageException(
                    "The file of contexts '" + contexts.file + "' cannot be read: " + FileProblem.of(e) + ".");
        }
        for (String key : properties.stringPropertyNames()) {
            int dot = key.indexOf('.');
            if (dot > 0 && key.endsWith(".url")) {
                String name = key.substring(0, key.length() - ".url".length());
                contexts.contexts.put(
                        name,
                        new Context(
                                properties.getProperty(key),
                                properties.getProperty(name + ".password-file"),
                                properties.getProperty(name + ".password-env")));
            }
        }
        contexts.current = properties.getProperty(CURRENT);
        return contexts;
    }

    private static Path location() {
        String given = System.getProperty("rollcall.contexts", System.getenv("ROLLCALL_CONTEXTS"));
        if (given != null && !given.isBlank()) {
            return Path.of(given);
        }
        String settings = System.getenv("XDG_CONFIG_HOME");
        Path base = settings == null || settings.isBlank()
                ? Path.of(System.getProperty("user.home"), ".config")
                : Path.of(settings);
        return base.resolve("rollcall").resolve("contexts");
    }

    /** The file. */
    public Path file() {
        return file;
    }

    /** All contexts by name. */
    public Map<String, Context> all() {
        return Map.copyOf(contexts);
    }

    /** The name of the one in use. */
    public Optional<String> current() {
        return Optional.ofNullable(current);
    }

    /**
     * The context with this name.
     *
     * @throws UsageException if there is none
     */
    public Context get(String name) {
        Context context = contexts.get(name);
        if (context == null) {
            throw new UsageException("There is no context '" + name + "'; "
                    + (contexts.isEmpty()
                            ? "there are none yet. Make one with rollcall context set NAME --url URL."
                            : "there are " + String.join(", ", contexts.keySet()) + "."));
        }
        return context;
    }

    /** Uses {@code name}, or none if that is null. */
    public void use(@Nullable String name) {
        if (name != null) {
            get(name);
        }
        current = name;
    }

    /**
     * Refuses a URL that could not be opened, whatever the password of its user is.
     *
     * @throws IllegalArgumentException if it could not
     */
    public static void check(String url) {
        KvBackends.check(BackendUrl.parse(Password.namesUserOnly(url) ? Password.into(url, "password") : url));
    }

    /** Adds or replaces a context. */
    public void put(String name, Context context) {
        if (!NAME.matcher(name).matches()) {
            throw new UsageException(
                    "'" + name + "' cannot be the name of a context: it has letters, digits, - and _ only.");
        }
        contexts.put(name, context);
    }

    /** Takes a context away. */
    public void remove(String name) {
        get(name);
        contexts.remove(name);
        if (name.equals(current)) {
            current = null;
        }
    }

    /** Writes the file, in one step. */
    public void write() {
        Properties properties = new Properties();
        if (current != null) {
            properties.setProperty(CURRENT, current);
        }
        contexts.forEach((name, context) -> {
            properties.setProperty(name + ".url", context.url());
            if (context.passwordFile() != null) {
                properties.setProperty(name + ".password-file", context.passwordFile());
            }
            if (context.passwordEnv() != null) {
                properties.setProperty(name + ".password-env", context.passwordEnv());
            }
        });
        try {
            StringWriter text = new StringWriter();
            properties.store(text, null);
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            // Without the date that the library puts first, and in an order that stays.
            String lines = Arrays.stream(text.toString().split("\\R"))
                    .filter(line -> !line.startsWith("#"))
                    .sorted()
                    .collect(Collectors.joining("\n", "# Written by rollcall context.\n", "\n"));
            ValueFile.of(file.toString()).write(out -> out.write(lines.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UsageException(
                    "The file of contexts '" + file + "' cannot be written: " + FileProblem.of(e) + ".");
        }
    }
}
