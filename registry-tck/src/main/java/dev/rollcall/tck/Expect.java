package dev.rollcall.tck;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Expectations that name the one rule they are about, and say what was seen instead. */
final class Expect {
    /** How much later than its acknowledgement the effect of a revocation is still told from none. */
    private static final Duration LATE = Duration.ofSeconds(1);

    private Expect() {}

    /** That {@code rule} is kept; {@code finding}, a sentence, says what was seen if not. */
    static void that(String rule, boolean kept, Supplier<String> finding) {
        if (!kept) {
            throw new RuleViolation(rule, finding.get());
        }
    }

    /** That a directory holds these keys and no others. */
    static void onlyKeys(String rule, String when, Cut found, Key... keys) {
        Set<Key> missing = new TreeSet<>(Arrays.asList(keys));
        missing.removeAll(found.entries().keySet());
        Set<Key> tooMany = new TreeSet<>(found.entries().keySet());
        Arrays.asList(keys).forEach(tooMany::remove);
        that(
                rule,
                missing.isEmpty() && tooMany.isEmpty(),
                () -> capital(when) + ", a list at revision " + found.revision()
                        + (missing.isEmpty() ? "" : " lacks " + some(missing))
                        + (missing.isEmpty() || tooMany.isEmpty() ? "" : ", and")
                        + (tooMany.isEmpty() ? "" : " still holds " + some(tooMany)) + ".");
    }

    /** That after the end of a lease a directory holds these keys and no others; what goes only later went too late, which is LEASE-9. */
    static void left(Kit kit, String rule, String when, KvBackend reader, Directory directory, Key... keys) {
        Cut found = kit.list(reader, directory);
        Set<Key> tooMany = new TreeSet<>(found.entries().keySet());
        Arrays.asList(keys).forEach(tooMany::remove);
        boolean late = !tooMany.isEmpty()
                && kit.elapseUntil(
                        LATE,
                        () -> Collections.disjoint(
                                kit.list(reader, directory).entries().keySet(), tooMany));
        that(
                "LEASE-9",
                !late,
                () -> "When revoke() was acknowledged, a list at revision " + found.revision() + " still held "
                        + some(tooMany) + "; what was on the lease went later.");
        onlyKeys(rule, when, found, keys);
    }

    /** That a failure says {@code NOT_APPLIED}. */
    static void notApplied(KvException failure) {
        if (failure.outcome() != Outcome.NOT_APPLIED) {
            throw new AssertionError(
                    "A failure must say NOT_APPLIED, but its outcome is " + failure.outcome() + ": " + failure,
                    failure);
        }
    }

    private static String capital(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }

    private static String some(Set<Key> keys) {
        String first = keys.stream()
                .limit(4)
                .map(Key::path)
                .reduce((a, b) -> a + ", " + b)
                .orElse("");
        return keys.size() <= 4 ? first : first + " and " + (keys.size() - 4) + " more keys";
    }

    /** That an entry is present and says rightly whether it lives on a lease. */
    static void leased(String rule, String where, Key key, @Nullable KeyValue entry, boolean leased) {
        that(rule, entry != null, () -> capital(where) + ", " + key + " is absent; it must be there.");
        that(
                rule,
                entry != null && entry.leased() == leased,
                () -> capital(where) + ", " + key
                        + (leased
                                ? " is said to have no lease, but it has one."
                                : " is said to have a lease, but it has none."));
    }

    /** That an entry of a cut says rightly whether it lives on a lease. */
    static void leased(String rule, String where, Cut cut, Key key, boolean leased) {
        leased(rule, where, key, cut.entries().get(key), leased);
    }

    /** That an operation succeeds. */
    static <T> T succeeds(Kit kit, String rule, String what, CompletableFuture<T> operation) {
        boolean succeeded = kit.succeeded(operation);
        that(rule, succeeded, () -> capital(what) + " failed with " + kit.failure(operation) + " It must succeed.");
        return operation.join();
    }
}
