package dev.rollcall.tck.report;

import java.util.List;

/**
 * The result of one test.
 *
 * @param area the contract it is in, such as {@code WatchContract}
 * @param name the name of the test, which is a claim
 * @param rules the rules that it is to prove
 * @param status what came of it; never {@link Status#NOT_VERIFIED} unless it could not be run
 * @param violated the rules that it found broken: its own, unless the failure named others
 * @param note why it failed or was not run; empty if it passed
 * @param millis how long it took
 */
public record TestResult(
        String area, String name, List<String> rules, Status status, List<String> violated, String note, long millis) {
    public TestResult {
        rules = List.copyOf(rules);
        violated = List.copyOf(violated);
    }
}
