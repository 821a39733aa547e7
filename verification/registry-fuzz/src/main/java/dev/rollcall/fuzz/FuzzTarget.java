package dev.rollcall.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something that reads what others have written, and what must hold whatever that is.
 *
 * <p>In a build, each target is tried with its seeds and with some hundred random changes of them, the same in each build. {@code scripts/fuzz} tries one for as long
 * as you like, with a fuzzer that sees which code an input reaches.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class FuzzTarget {
    private static final Logger LOG = LoggerFactory.getLogger(FuzzTarget.class);

    /** For the targets that extend this. */
    protected FuzzTarget() {}

    /** Inputs that reach far: good ones, and bad ones of each kind. */
    protected abstract List<byte[]> seeds();

    /** Words that mean something to the reader; random changes put them anywhere. */
    protected List<String> words() {
        return List.of();
    }

    /** Fails if what must hold does not hold for {@code input}. */
    protected abstract void check(byte[] input) throws Exception;

    /** The seeds of text. */
    protected static List<byte[]> texts(String... texts) {
        return Stream.of(texts).map(text -> text.getBytes(UTF_8)).toList();
    }

    Stream<byte[]> provided() {
        return seeds().stream();
    }

    @MethodSource("provided")
    @FuzzTest(maxDuration = "10m")
    void holdsForEveryInput(byte[] input) throws Exception {
        check(input);
    }

    @Test
    void holdsForChangedSeeds() {
        tryChanges(Long.getLong("fuzz.seed", System.nanoTime()), Integer.getInteger("fuzz.inputs", 500));
    }

    /** Tries random changes of the seeds; the same ones in the same order for the same {@code seed}. */
    final void tryChanges(long seed, int count) {
        Mutations inputs = new Mutations(seed, seeds(), texts(words().toArray(String[]::new)));
        for (int tried = 1; tried <= count; tried++) {
            byte[] input = inputs.next();
            try {
                check(input);
            } catch (Exception | AssertionError | StackOverflowError e) {
                throw new AssertionError(
                        "Input " + tried + " of the seed " + seed + " breaks it; in base64 it is '"
                                + Base64.getEncoder().encodeToString(input) + "'.",
                        e);
            }
        }
        LOG.info("{}: {} inputs of the seed {}", getClass().getSimpleName(), count, seed);
    }
}
