package dev.rollcall.tck;

import dev.rollcall.tck.report.Status;
import dev.rollcall.tck.report.TestResult;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tests of the kit that a class does not have because it implements single contracts; a report must not pass over them. */
final class LeftOut {
    private LeftOut() {}

    /** What is to be reported of them: that their rules are not verified. */
    static List<TestResult> by(Class<?> tests) {
        return Arrays.stream(KvBackendTck.class.getMethods())
                .filter(method -> method.isAnnotationPresent(Test.class))
                .filter(method -> !method.getDeclaringClass().isAssignableFrom(tests))
                .sorted(Comparator.comparing(Method::getName))
                .map(method -> result(method, tests))
                .toList();
    }

    private static TestResult result(Method method, Class<?> tests) {
        String area = method.getDeclaringClass().getSimpleName();
        Rule rule = method.getAnnotation(Rule.class);
        List<String> rules = rule == null ? List.of() : List.of(rule.value());
        String note = tests.getSimpleName() + " leaves " + area + " out";
        return new TestResult(area, method.getName(), rules, Status.NOT_VERIFIED, List.of(), note, 0);
    }
}
