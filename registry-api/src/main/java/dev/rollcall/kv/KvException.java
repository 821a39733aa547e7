package dev.rollcall.kv;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * The failure of an operation on a backend.
 *
 * <p>Futures of {@link KvBackend} complete with an instance of this tree itself, never wrapped. There is a subclass only where a caller would act
 * differently. Messages are full sentences that name the key, what was expected and what was found; they never hold a value, a password or a URL with one,
 * and control characters, characters that change direction and invisible ones are escaped in them.
 */
public class KvException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Context context;
    private final Outcome outcome;
    private final boolean retryable;

    /**
     * Where a failure happened.
     *
     * @param backend the {@linkplain KvBackend#name() name} of the backend
     * @param operation what was asked for, such as {@code get} or {@code commit}
     * @param path the key or directory that it was about, or null if about none or several
     */
    public record Context(
            String backend, String operation, @Nullable String path) implements Serializable {
        public Context {
            requireNonNull(backend, "backend");
            requireNonNull(operation, "operation");
        }

        /** A context for an operation on a key. */
        public static Context of(String backend, String operation, Key key) {
            return new Context(backend, operation, key.path());
        }

        /** A context for an operation on a directory. */
        public static Context of(String backend, String operation, Directory directory) {
            return new Context(backend, operation, directory.path());
        }

        @Override
        public String toString() {
            return Printable.line(operation + (path == null ? "" : " of '" + path + "'") + " on " + backend);
        }
    }

    /**
     * A failure for which there is no subclass.
     *
     * @param reason a clause without a full stop; the message becomes "{@code <operation> of '<path>' on <backend> failed: <reason>.}"
     * @param retryable see {@link #isRetryable()}; ignored if the outcome is unknown
     */
    public KvException(Context context, Outcome outcome, boolean retryable, String reason, @Nullable Throwable cause) {
        super(Printable.line(context + " failed: " + reason + "."), cause);
        this.context = context;
        this.outcome = requireNonNull(outcome, "outcome");
        this.retryable = retryable && outcome == Outcome.NOT_APPLIED;
    }

    /** The name of the backend. */
    public String backend() {
        return context.backend();
    }

    /** What was asked for, such as {@code get} or {@code commit}. */
    public String operation() {
        return context.operation();
    }

    /** The key or directory that it was about, or null if about none or several. */
    public @Nullable String path() {
        return context.path();
    }

    /** Whether the operation is known to have had no effect. */
    public Outcome outcome() {
        return outcome;
    }

    /**
     * Whether the same call, unchanged, is safe and may succeed later. Never so while the outcome is unknown: look at the store first, or
     * make the write conditional.
     */
    public boolean isRetryable() {
        return retryable;
    }
}
