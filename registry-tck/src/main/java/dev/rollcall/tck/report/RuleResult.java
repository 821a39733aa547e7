package dev.rollcall.tck.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a run has shown about one rule.
 *
 * @param rule the rule
 * @param status what is known about it now
 * @param tests the tests that are to prove it, and those that found it broken
 * @param notes why it is not verified, each reason once
 */
public record RuleResult(SpecRule rule, Status status, List<TestResult> tests, List<String> notes) {
    public RuleResult {
        tests = List.copyOf(tests);
        notes = List.copyOf(notes);
    }

    static RuleResult of(SpecRule rule, List<TestResult> all) {
        List<TestResult> tests = all.stream()
                .filter(test ->
                        test.rules().contains(rule.id()) || test.violated().contains(rule.id()))
                .toList();
        Set<String> broken = new LinkedHashSet<>();
        Set<String> open = new LinkedHashSet<>();
        boolean refused = false;
        boolean verified = false;
        for (TestResult test : tests) {
            switch (test.status()) {
                case VERIFIED -> verified = true;
                case REFUSED -> refused = true;
                case NOT_VERIFIED -> open.add(test.note());
                case FAILED -> {
                    if (test.violated().contains(rule.id())) {
                        broken.add(test.area() + "." + test.name() + ": " + test.note());
                    } else {
                        // The test stopped at another rule, so it says nothing about this one.
                        open.add(
                                test.violated().isEmpty()
                                        ? test.note()
                                        : test.name() + " stopped at " + String.join(", ", test.violated()));
                    }
                }
            }
        }
        if (!broken.isEmpty()) {
            return new RuleResult(rule, Status.FAILED, tests, new ArrayList<>(broken));
        }
        if (!open.isEmpty()) {
            return new RuleResult(rule, Status.NOT_VERIFIED, tests, new ArrayList<>(open));
        }
        if (verified) {
            return new RuleResult(rule, Status.VERIFIED, tests, List.of());
        }
        if (refused) {
            return new RuleResult(rule, Status.REFUSED, tests, List.of());
        }
        return new RuleResult(
                rule, Status.NOT_VERIFIED, tests, List.of(rule.untested().orElse("no test of it was run")));
    }
}
