package dev.rollcall.etcd;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.UnavailableException;
import io.grpc.Status;
import java.security.cert.CertificateException;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What a gRPC status from etcd means. The one place that looks at the text of a status, and only where etcd gives the same code to what
 * has different consequences.
 */
final class EtcdErrors {
    private static final String PREFIX = "etcdserver: ";

    /** Of the text of a status, in characters: it comes from the other side, whoever that is. */
    private static final int LONGEST = 500;

    /** Refused before it was proposed to the cluster, although the code is one that otherwise leaves the outcome open. */
    private static final List<String> REFUSED_EARLY = List.of("no leader", "not capable", "too many requests");

    private EtcdErrors() {}

    /** The failure of a call, with what is known about its effect. */
    static KvException of(Context context, Status status, boolean write, boolean sent) {
        String text = text(status);
        switch (status.getCode()) {
            case PERMISSION_DENIED:
                return new AccessDeniedException(
                        context, "the store refuses it: this user has no permission for it", cause(status));
            case UNAUTHENTICATED:
                return new AccessDeniedException(
                        context, "the store does not know this client any more: " + text, cause(status));
            case INVALID_ARGUMENT:
                return invalid(context, status, text);
            case NOT_FOUND:
            case ALREADY_EXISTS:
            case FAILED_PRECONDITION:
            case OUT_OF_RANGE:
                return rejected(context, status, text, false);
            case RESOURCE_EXHAUSTED:
                return isOutOfSpace(status)
                        ? outOfSpace(context, status, write && sent)
                        : rejected(context, status, text, text.contains("too many requests"));
            case UNIMPLEMENTED:
                return rejected(context, status, "the server does not know etcd's protocol, version 3", false);
            default:
                return unanswered(context, status, text, write && sent);
        }
    }

    private static KvException invalid(Context context, Status status, String text) {
        if (text.startsWith("user name is empty")) {
            return new AccessDeniedException(
                    context, "the store demands a user and a password, and none was given", cause(status));
        }
        if (isWrongPassword(status)) {
            return new AccessDeniedException(
                    context, "the store does not accept this user and password", cause(status));
        }
        return rejected(context, status, text, false);
    }

    private static KvException rejected(Context context, Status status, String reason, boolean retryable) {
        return new KvException(
                context, Outcome.NOT_APPLIED, retryable, "the store rejected it: " + reason, cause(status));
    }

    private static KvException outOfSpace(Context context, Status status, boolean inDoubt) {
        return new KvException(
                context,
                inDoubt ? Outcome.UNKNOWN : Outcome.NOT_APPLIED,
                false,
                "the store's database has reached its quota, which etcd may notice only after it has applied a write: "
                        + text(status),
                cause(status));
    }

    private static KvException unanswered(Context context, Status status, String text, boolean inDoubt) {
        Outcome outcome =
                inDoubt && REFUSED_EARLY.stream().noneMatch(text::startsWith) ? Outcome.UNKNOWN : Outcome.NOT_APPLIED;
        return new UnavailableException(
                context,
                outcome,
                (outcome == Outcome.UNKNOWN
                                ? "it was sent but not answered, so it may have been applied: "
                                : "the store is not available: ")
                        + text,
                cause(status));
    }

    /** Whether a read that failed so may succeed a moment later, here or at another member. */
    static boolean isPassing(Status status) {
        switch (status.getCode()) {
            case UNAVAILABLE:
            case UNKNOWN:
            case INTERNAL:
            case CANCELLED:
            case ABORTED:
            case DEADLINE_EXCEEDED:
                return true;
            default:
                return text(status).startsWith("too many requests");
        }
    }

    /** Whether the database is full. A write that fills it is applied by one part of etcd and then refused by another. */
    private static boolean isOutOfSpace(Status status) {
        return status.getCode() == Status.Code.RESOURCE_EXHAUSTED
                && text(status).startsWith("mvcc: database space exceeded");
    }

    /** Whether the store has refused a call before it had any effect, for what is in it or for who sends it. */
    static boolean isRefusal(Status status) {
        switch (status.getCode()) {
            case PERMISSION_DENIED:
            case UNAUTHENTICATED:
            case INVALID_ARGUMENT:
            case NOT_FOUND:
            case FAILED_PRECONDITION:
            case OUT_OF_RANGE:
                return true;
            case RESOURCE_EXHAUSTED:
                return !isOutOfSpace(status) && !isPassing(status);
            default:
                return false;
        }
    }

    /** Whether a transaction had more operations than this server takes. */
    static boolean isTooManyOperations(Status status) {
        return status.getCode() == Status.Code.INVALID_ARGUMENT && text(status).startsWith("too many operations");
    }

    /** Whether the call was refused, without effect, because of its token: a fresh one may help. */
    static boolean isStaleToken(Status status) {
        return status.getCode() == Status.Code.UNAUTHENTICATED
                || (status.getCode() == Status.Code.INVALID_ARGUMENT
                        && text(status).startsWith("revision of auth store is old"));
    }

    /** Whether the member has answered, and objects to who asks. */
    static boolean isAboutTheUser(Status status) {
        return status.getCode() == Status.Code.PERMISSION_DENIED
                || isStaleToken(status)
                || (status.getCode() == Status.Code.INVALID_ARGUMENT
                        && text(status).startsWith("user name is empty"));
    }

    /** Whether user or password are wrong. */
    static boolean isWrongPassword(Status status) {
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
