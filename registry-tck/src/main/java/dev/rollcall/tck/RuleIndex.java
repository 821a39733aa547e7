package dev.rollcall.tck;

import dev.rollcall.tck.report.Spec;
import dev.rollcall.tck.report.SpecRule;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Which tests prove which rule, read from the annotations of a kit; and whether that leaves nothing open. */
public final class RuleIndex {
    private final Map<String, List<String>> testsByRule = new TreeMap<>();
    private final List<String> testsWithoutRule = new ArrayList<>();

    private RuleIndex() {}

    /** The tests of {@link KvBackendTck}. */
    public static RuleIndex ofKit() {
        return of(KvBackendTck.class);
    }

    static RuleIndex of(Class<?> kit) {
        RuleIndex index = new RuleIndex();
        Arrays.stream(kit.getMethods())
                .filter(method -> method.isAnnotationPresent(Test.class))
                .sorted(Comparator.comparing(Method::getName))
                .forEach(index::add);
        return index;
    }

    private void add(Method test) {
        String name = test.getDeclaringClass().getSimpleName() + "." + test.getName();
        Rule rule = test.getAnnotation(Rule.class);
        if (rule == null) {
            testsWithoutRule.add(name);
            return;
        }
        for (String id : rule.value()) {
            testsByRule.computeIfAbsent(id, absent -> new ArrayList<>()).add(name);
        }
    }

    /** The names of the tests that are to prove a rule, sorted. */
    public List<String> tests(String rule) {
        return List.copyOf(testsByRule.getOrDefault(rule, List.of()));
    }

    /** The names of the tests that prove no rule. */
    public List<String> testsWithoutRule() {
        return List.copyOf(testsWithoutRule);
    }

    /** What is wrong between a contract and these tests: a MUST without a test, a test of an unknown rule, or of one that is marked untested. */
    public List<String> problems(Spec spec) {
        List<String> problems = new ArrayList<>();
        for (SpecRule rule : spec.rules()) {
            List<String> tests = tests(rule.id());
            if (rule.isMust() && tests.isEmpty() && rule.untested().isEmpty()) {
                problems.add("The rule " + rule.id()
                        + " is a MUST without a test; write one, or mark it 'Untested: <reason>'.");
            }
            if (rule.untested().isPresent() && !tests.isEmpty()) {
                problems.add("The rule " + rule.id() + " is marked untested, but " + tests.get(0) + " tests it.");
            }
        }
        testsByRule.forEach((id, tests) -> {
            if (spec.rule(id).isEmpty()) {
                problems.add(
                        "The test " + tests.get(0) + " names the rule " + id + ", which the contract does not have.");
            }
        });
        return problems;
    }
}
