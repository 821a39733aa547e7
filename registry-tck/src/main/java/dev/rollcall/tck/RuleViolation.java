package dev.rollcall.tck;

/** A failure that names the rule which it found broken, where that need not be the rule the test is about. */
public final class RuleViolation extends AssertionError {
    private static final long serialVersionUID = 1L;

    private final String rule;

    /** {@code rule} is broken, as {@code finding}, a sentence, tells. */
    public RuleViolation(String rule, String finding) {
        super("[" + rule + "] " + Readable.text(finding));
        this.rule = rule;
    }

    /** The id of the rule. */
    public String rule() {
        return rule;
    }
}
