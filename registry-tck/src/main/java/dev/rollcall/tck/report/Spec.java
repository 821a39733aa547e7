package dev.rollcall.tck.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The contract as the kit read it from {@code spec.md}, which is its only source. */
public final class Spec {
    private static final Pattern VERSION = Pattern.compile("(?m)^Version (\\d+)\\.");
    private static final Pattern HEADING = Pattern.compile("### (.*)");
    private static final Pattern ID = Pattern.compile("[A-Z]+-[1-9]\\d*");

    private final int version;
    private final Map<String, SpecRule> rules;

    private Spec(int version, Map<String, SpecRule> rules) {
        this.version = version;
        this.rules = rules;
    }

    /** The contract that this kit proves. */
    public static Spec shipped() {
        return parse(resource("spec.md"));
    }

    /** The version of the kit itself. */
    public static String kitVersion() {
        Properties properties = new Properties();
        try (InputStream in = open("kit.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version", "unknown");
    }

    /**
     * Parses the text of a contract.
     *
     * @throws IllegalArgumentException naming what is wrong: no version, an odd or repeated id, a rule without text or intent, or one
     *     that is untested for no reason
     */
    public static Spec parse(String text) {
        Matcher version = VERSION.matcher(text);
        if (!version.find()) {
            throw new IllegalArgumentException("The contract must have a line that begins 'Version <number>.'.");
        }
        Map<String, SpecRule> rules = new LinkedHashMap<>();
        Draft draft = null;
        for (String line : text.lines().toList()) {
            Matcher heading = HEADING.matcher(line);
            if (line.startsWith("#") && draft != null) {
                add(rules, draft);
                draft = null;
            }
            if (heading.matches()) {
                draft = new Draft(heading.group(1).trim());
            } else if (draft != null) {
                draft.read(line.trim());
            }
        }
        if (draft != null) {
            add(rules, draft);
        }
        if (rules.isEmpty()) {
            throw new IllegalArgumentException("The contract has no rules; each is a heading '### <ID>'.");
        }
        return new Spec(Integer.parseInt(version.group(1)), rules);
    }

    /** The version of the contract. */
    public int version() {
        return version;
    }

    /** All rules, in the order of the text. */
    public List<SpecRule> rules() {
        return List.copyOf(rules.values());
    }

    /** The rule with this id, or empty. */
    public Optional<SpecRule> rule(String id) {
        return Optional.ofNullable(rules.get(id));
    }

    private static void add(Map<String, SpecRule> rules, Draft draft) {
        SpecRule rule = draft.finish();
        if (rules.put(rule.id(), rule) != null) {
            throw new IllegalArgumentException("The rule " + rule.id() + " is stated twice.");
        }
    }

    private static String resource(String name) {
        try (InputStream in = open(name)) {
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream open(String name) {
        InputStream in = Spec.class.getResourceAsStream(name);
        if (in == null) {
            throw new IllegalStateException("The kit was built without its resource " + name + ".");
        }
        return in;
    }

    /** A rule while its lines are read. */
    private static final class Draft {
        private final String id;
        private final List<String> text = new ArrayList<>();
        private final List<String> intent = new ArrayList<>();
        private @Nullable String capability;
        private @Nullable String untested;

        Draft(String id) {
            this.id = id;
            if (!ID.matcher(id).matches()) {
                throw new IllegalArgumentException("'" + id + "' is not the id of a rule, such as WATCH-4.");
            }
        }

        void read(String line) {
            if (line.startsWith("Capability:")) {
                capability = line.substring("Capability:".length()).trim();
            } else if (line.startsWith("Untested:")) {
                untested = line.substring("Untested:".length()).trim();
            } else if (line.startsWith(">")) {
                intent.add(line.substring(1).trim());
            } else if (!line.isEmpty()) {
                text.add(line);
            }
        }

        SpecRule finish() {
            String why = String.join(" ", intent);
            if (text.isEmpty() || !why.startsWith("Intent:")) {
                throw new IllegalArgumentException("The rule " + id + " needs a text and a line '> Intent: …'.");
            }
            if (untested != null && untested.isEmpty()) {
                throw new IllegalArgumentException("The rule " + id + " is marked untested without a reason.");
            }
            return new SpecRule(
                    id,
                    String.join(" ", text),
                    why.substring("Intent:".length()).trim(),
                    Optional.ofNullable(capability),
                    Optional.ofNullable(untested));
        }
    }
}
