package dev.rollcall.tck;

import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;

/** The rules that hold for every failure, whatever the test is about. */
final class Failures {
    private Failures() {}

    static void judge(Throwable raw) {
        if (!(raw instanceof KvException failure)) {
            throw violation("ERR-1", "A future failed with " + raw + " instead of a KvException itself.", raw);
        }
        String message = failure.getMessage();
        if (message == null || !message.endsWith(".")) {
            throw violation("ERR-2", "The message of a failure is not a sentence: '" + message + "'.", raw);
        }
        if (failure.backend().isEmpty() || failure.operation().isEmpty()) {
            throw violation("ERR-2", "A failure does not tell its backend and operation: '" + message + "'.", raw);
        }
        if (failure.outcome() == Outcome.UNKNOWN && failure.isRetryable()) {
            throw violation("ERR-3", "A failure is retryable although its outcome is unknown: '" + message + "'.", raw);
        }
    }

    private static RuleViolation violation(String rule, String finding, Throwable raw) {
        RuleViolation violation = new RuleViolation(rule, finding);
        violation.initCause(raw);
        return violation;
    }
}
