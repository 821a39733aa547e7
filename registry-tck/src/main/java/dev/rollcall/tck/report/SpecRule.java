package dev.rollcall.tck.report;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One numbered rule of the contract.
 *
 * @param id such as {@code WATCH-4}
 * @param text what it demands
 * @param intent why
 * @param capability the capability that it belongs to, or empty
 * @param untested why no test proves it, or empty
 */
public record SpecRule(String id, String text, String intent, Optional<String> capability, Optional<String> untested) {
    private static final Pattern MUST = Pattern.compile("\\bMUST\\b");

    /** The part of the contract that it belongs to: the id without its number. */
    public String area() {
        return id.substring(0, id.lastIndexOf('-'));
    }

    /** Whether a backend that breaks it breaks the contract. */
    public boolean isMust() {
        return MUST.matcher(text).find();
    }
}
