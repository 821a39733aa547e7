package dev.rollcall.etcd;

import static java.util.Map.entry;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.UnavailableException;
import io.grpc.Status;
import java.security.cert.CertificateException;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Translates gRPC statuses from etcd. The one place that reads the text of a status, and only where etcd uses one code for cases with different
 * consequences.
 */
final class EtcdErrors {
    private static final String PREFIX = "etcdserver: ";
    private static final String AUTH_CHANGED = "revision of auth store is old";
    /** What etcd passes on from raft, in raft's words, while a leader hands its office over: it has not taken the write into its log. */
    private static final String DROPPED = "raft proposal dropped";
    /** What etcd says, in the words of its store of users, of a user who has no password and is known by a certificate only. */
    private static final String NO_PASSWORD = "auth: authentication failed, password was given for no password user";

    /** Of the text of a status, in characters: it comes from the other side, whoever that is. */
    private static final int LONGEST = 500;

    /**
     * What a failure means for whoever asked: whether the request had an effect, and whether asking again is of use.
     */
    enum Verdict {
        /** It never left, or was turned away before it was looked at, for a reason that passes: it had no effect and may be sent again. */
        NOT_NOW,
        /** It was refused, without effect, because of its token: with a new one it may succeed. */
        STALE_TOKEN,
        /**
         * It was refused, without effect, because users or permissions, anybody's, were changed after it had been let in, or after its token had been made
         * out: it may be sent again, with a new token if there is a password to get one with.
         */
        AUTH_CHANGED,
        /** It was refused, without effect, for what is in it or for who sends it: asking again is of no use. */
        REFUSED,
        /** The database is full: the server has answered, but a write that fills it is applied by one part of etcd and refused by another. */
        FULL,
        /** Nobody can tell whether it had an effect. */
        OPEN
    }

    /**
     * What etcd answers when it has turned a request away before it had any effect, by code and beginning of the text. What is not in here
     * leaves the outcome of a write open: "request timed out" and "leader changed" are in doubt by nature, and a proxy repeats the failures of its own
     * connection as if they were etcd's.
     */
    private static final Map<Status.Code, Map<String, Verdict>> ANSWERS = Map.of(
            Status.Code.INVALID_ARGUMENT,
            Map.ofEntries(
                    entry("user name is empty", Verdict.STALE_TOKEN),
                    entry(AUTH_CHANGED, Verdict.AUTH_CHANGED),
                    entry("authentication failed", Verdict.REFUSED),
                    entry("permission not given", Verdict.REFUSED),
                    entry("invalid auth management", Verdict.REFUSED),
                    entry("key is not provided", Verdict.REFUSED),
                    entry("key not found", Verdict.REFUSED),
                    entry("value is provided", Verdict.REFUSED),
                    entry("lease is provided", Verdict.REFUSED),
                    entry("too many operations", Verdict.REFUSED),
                    entry("duplicate key given", Verdict.REFUSED),
                    entry("invalid sort option", Verdict.REFUSED),
                    entry("invalid client api version", Verdict.REFUSED),
                    entry("request is too large", Verdict.REFUSED)),
            Status.Code.UNAUTHENTICATED,
            Map.of("invalid auth token", Verdict.STALE_TOKEN),
            Status.Code.PERMISSION_DENIED,
            Map.of("permission denied", Verdict.REFUSED),
            Status.Code.NOT_FOUND,
            Map.of("requested lease not found", Verdict.REFUSED),
            Status.Code.OUT_OF_RANGE,
            Map.of(
                    "mvcc: required revision has been compacted", Verdict.REFUSED,
                    "mvcc: required revision is a future revision", Verdict.REFUSED,
                    "too large lease TTL", Verdict.REFUSED),
            Status.Code.FAILED_PRECONDITION,
            Map.of(
                    "lease already exists", Verdict.REFUSED,
                    "authentication is not enabled", Verdict.REFUSED,
                    "user name not found", Verdict.REFUSED,
                    "not capable", Verdict.NOT_NOW,
                    "rpc not supported for learner", Verdict.NOT_NOW),
            Status.Code.RESOURCE_EXHAUSTED,
            Map.of(
                    "mvcc: database space exceeded", Verdict.FULL,
                    "too many requests", Verdict.NOT_NOW),
            Status.Code.UNAVAILABLE,
            Map.of(
                    "no leader", Verdict.NOT_NOW,
                    "not capable", Verdict.NOT_NOW,
                    "rpc not supported for learner", Verdict.NOT_NOW));

    private EtcdErrors() {}

    /**
     * With the code that etcd gives to what it says: its own proxy, {@code etcd grpc-proxy}, passes on the words of a server and says {@code UNKNOWN} to
     * all of them. Known words are the server's, whoever repeats them.
     */
    static Status asServed(Status status) {
        String description = status.getDescription();
        if (status.getCode() != Status.Code.UNKNOWN || description == null || !description.startsWith(PREFIX)) {
            return status;
        }
        String text = description.substring(PREFIX.length());
        return ANSWERS.entrySet().stream()
                .filter(answers -> answers.getValue().keySet().stream().anyMatch(text::startsWith))
                .min(Map.Entry.comparingByKey())
                .map(answers -> Status.fromCode(answers.getKey())
                        .withDescription(description)
                        .withCause(status.getCause()))
                .orElse(status);
    }

    /**
     * What the failure of a request means.
     *
     * @param left whether it was given to a connection
     * @param answered whether the server has ended it by trailers
     */
    static Verdict verdict(Status status, boolean left, boolean answered) {
        if (!left) {
            // The size of a message is looked at before it is sent.
            return status.getCode() == Status.Code.RESOURCE_EXHAUSTED ? Verdict.REFUSED : Verdict.NOT_NOW;
        }
        String description = status.getDescription();
        if (!answered || description == null) {
            return Verdict.OPEN;
        }
        if (description.startsWith(PREFIX)) {
            String text = description.substring(PREFIX.length());
            for (Map.Entry<String, Verdict> known :
                    ANSWERS.getOrDefault(status.getCode(), Map.of()).entrySet()) {
                if (text.startsWith(known.getKey())) {
                    return known.getValue();
                }
            }
            return Verdict.OPEN;
        }
        if (status.getCode() == Status.Code.UNKNOWN && description.equals(DROPPED)) {
            return Verdict.NOT_NOW;
        }
        // The words of gRPC's own server, which has not called anything of etcd's.
        boolean unknownCall = status.getCode() == Status.Code.UNIMPLEMENTED
                && (description.startsWith("unknown service") || description.startsWith("unknown method"));
        boolean tooLarge = status.getCode() == Status.Code.RESOURCE_EXHAUSTED
                && description.startsWith("grpc: received message larger than max");
        return unknownCall || tooLarge ? Verdict.REFUSED : Verdict.OPEN;
    }

    /**
     * Whether a read that failed so is better not asked again, although the verdict leaves it open: a server of another kind
     * has answered, or this side cannot take the answer.
     */
    static boolean isPointless(Status status, boolean answered) {
        switch (status.getCode()) {
            case PERMISSION_DENIED:
            case UNAUTHENTICATED:
            case INVALID_ARGUMENT:
            case NOT_FOUND:
            case ALREADY_EXISTS:
            case FAILED_PRECONDITION:
            case OUT_OF_RANGE:
            case UNIMPLEMENTED:
                return answered;
            case RESOURCE_EXHAUSTED:
                return answered || isTooLarge(status);
            default:
                // Such as a want of memory: what could not be read once will not be read a moment later.
                return status.getCause() instanceof Error;
        }
    }

    /** The failure of an operation, with what is known about its effect. */
    static KvException of(Context context, Status status, Verdict verdict, boolean write) {
        String text = text(status);
        switch (verdict) {
            case NOT_NOW:
                return new UnavailableException(
                        context, Outcome.NOT_APPLIED, "the store is not available: " + text, cause(status));
            case STALE_TOKEN:
                return new AccessDeniedException(
                        context,
                        text.startsWith("user name is empty")
                                ? "the store demands a user and a password, and none was given"
                                : "the store does not know this client any more: " + text,
                        cause(status));
            case AUTH_CHANGED:
                return new UnavailableException(
                        context,
                        Outcome.NOT_APPLIED,
                        "the store's users and permissions were being changed: " + text,
                        cause(status));
            case REFUSED:
                return refused(context, status, text);
            case FULL:
                return new KvException(
                        context,
                        write ? Outcome.UNKNOWN : Outcome.NOT_APPLIED,
                        false,
                        "the store's database has reached its quota, which etcd may notice only after it has applied a write: "
                                + text,
                        cause(status));
            default:
                return new UnavailableException(
                        context,
                        write ? Outcome.UNKNOWN : Outcome.NOT_APPLIED,
                        (write
                                        ? "it was sent but not answered, so it may have been applied: "
                                        : "the store is not available: ")
                                + text,
                        cause(status));
        }
    }

    private static KvException refused(Context context, Status status, String text) {
        switch (status.getCode()) {
            case PERMISSION_DENIED:
                return new AccessDeniedException(
                        context, "the store refuses it: this user has no permission for it", cause(status));
            case UNIMPLEMENTED:
                return rejected(context, status, "the server does not know etcd's protocol, version 3");
            default:
                return isWrongPassword(status)
                        ? new AccessDeniedException(
                                context, "the store does not accept this user and password", cause(status))
                        : rejected(context, status, text);
        }
    }

    private static KvException rejected(Context context, Status status, String reason) {
        return new KvException(context, Outcome.NOT_APPLIED, false, "the store rejected it: " + reason, cause(status));
    }

    /** Whether a transaction had more operations than this server takes. */
    static boolean isTooManyOperations(Status status) {
        return status.getCode() == Status.Code.INVALID_ARGUMENT && text(status).startsWith("too many operations");
    }

    /** Whether a call, or a stream, was refused because of its token: a fresh one may help. */
    static boolean isStaleToken(Status status) {
        return verdict(status, true, true) == Verdict.STALE_TOKEN;
    }

    /** Whether a call, or a stream, was refused because users or permissions have changed meanwhile. */
    static boolean isAuthChanged(Status status) {
        return verdict(status, true, true) == Verdict.AUTH_CHANGED;
    }

    /** Whether a watch was refused, in the words of a cancellation, because users or permissions have changed meanwhile. */
    static boolean isAuthChanged(String cancelReason) {
        return cancelReason.contains(AUTH_CHANGED);
    }

    /** Whether user or password are wrong. */
    static boolean isWrongPassword(Status status) {
        if (status.getCode() == Status.Code.UNKNOWN && NO_PASSWORD.equals(status.getDescription())) {
            return true;
        }
        return status.getCode() == Status.Code.INVALID_ARGUMENT && text(status).startsWith("authentication failed");
    }

    /** Whether the store asks nobody for a password. */
    static boolean isAuthenticationOff(Status status) {
        return status.getCode() == Status.Code.FAILED_PRECONDITION
                && text(status).startsWith("authentication is not enabled");
    }

    /** Whether a lease is not, or no longer, known. */
    static boolean isLeaseUnknown(Status status) {
        return status.getCode() == Status.Code.NOT_FOUND && text(status).startsWith("requested lease not found");
    }

    /** Whether a lease with the chosen id exists. */
    static boolean isLeaseTaken(Status status) {
        return status.getCode() == Status.Code.FAILED_PRECONDITION
                && text(status).startsWith("lease already exists");
    }

    /** Whether a revision that was asked for has been compacted. */
    static boolean isCompacted(Status status) {
        return status.getCode() == Status.Code.OUT_OF_RANGE && text(status).contains("compacted");
    }

    /** Whether a revision that was asked for is not there: compacted, or not reached yet. */
    static boolean isOutOfHistory(Status status) {
        return status.getCode() == Status.Code.OUT_OF_RANGE;
    }

    /** Whether a watch was refused, in the words of a cancellation, because of who asks. */
    static boolean isDenial(String cancelReason) {
        return cancelReason.contains("permission denied")
                || cancelReason.contains("auth")
                || cancelReason.contains("user name is empty");
    }

    /** Whether an answer was larger than this client takes, or a proxy on the way. */
    static boolean isTooLarge(Status status) {
        String text = text(status).toLowerCase(Locale.ROOT);
        return status.getCode() == Status.Code.RESOURCE_EXHAUSTED
                && (text.contains("message exceeds maximum size") || text.contains("message larger than max"));
    }

    /** What one side's TLS holds against the other's certificate, or null: a handshake that merely broke off is no refusal. */
    static @Nullable String tlsRefusal(Status status) {
        for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
            String message = String.valueOf(cause.getMessage());
            if (cause instanceof CertificateException
                    || (cause instanceof SSLException && message.contains("fatal alert"))) {
                return message;
            }
        }
        return null;
    }

    /** Whether a connection ended before both sides had agreed on TLS, which is all that shows where one of them does not speak it. */
    static boolean isBrokenHandshake(Status status) {
        for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException) {
                return true;
            }
        }
        return status.getCode() == Status.Code.UNAVAILABLE && text(status).contains("TLS negotiation");
    }

    /** What the status says, without a full stop: its own text and, where it stems from the connection, the innermost cause. */
    static String text(Status status) {
        String description = status.getDescription();
        String text = description == null ? status.getCode().toString() : description;
        Throwable cause = status.getCause();
        while (cause != null && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause != null && cause.getMessage() != null && !text.contains(cause.getMessage())) {
            text = text + " (" + cause.getMessage() + ")";
        }
        text = text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : text;
        text = onOneLine(text);
        return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    }

    /** The first line, without what would move a terminal's cursor, and no longer than people read. */
    private static String onOneLine(String text) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < text.length() && text.charAt(i) != '\n'; i++) {
            if (line.length() == LONGEST) {
                return line.append('…').toString();
            }
            line.append(Character.isISOControl(text.charAt(i)) ? ' ' : text.charAt(i));
        }
        return line.toString();
    }

    private static Throwable cause(Status status) {
        return status.asRuntimeException();
    }
}
