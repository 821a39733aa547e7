package dev.rollcall.zookeeper;

import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.Capability;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.UnavailableException;
import dev.rollcall.kv.UnsupportedCapabilityException;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.jspecify.annotations.Nullable;

/** Translates ZooKeeper's codes into exceptions: the only place that does. */
final class ZooKeeperErrors {
    private ZooKeeperErrors() {}

    /** What to do about an operation in a transaction that the server refused. */
    enum Remedy {
        /** The transaction was made for a state that has passed: look again and make another. */
        LOOK_AGAIN,
        /** Give up. */
        FAIL
    }

    /** Whether a refused transaction failed only for what somebody else did meanwhile. */
    static Remedy remedy(Code operation) {
        return switch (operation) {
            case BADVERSION, NONODE, NODEEXISTS, NOTEMPTY -> Remedy.LOOK_AGAIN;
            default -> Remedy.FAIL;
        };
    }

    /** Whether a request that failed so may be made again, as soon as there is a connection, if it only reads. */
    static boolean passes(Code request) {
        return switch (request) {
            case CONNECTIONLOSS, SESSIONEXPIRED, SESSIONMOVED, OPERATIONTIMEOUT, REQUESTTIMEOUT, NOTREADONLY -> true;
            default -> false;
        };
    }

    /** The failure for an operation, or a whole request, that ZooKeeper has refused for good. */
    static KvException refused(Context context, Code code) {
        return refused(context, code, null);
    }

    /** The same, because of this node if it is known. */
    static KvException refused(Context context, Code code, @Nullable String node) {
        return switch (code) {
            case NOAUTH -> new AccessDeniedException(context, noPermission(node), cause(code));
            case AUTHFAILED, SESSIONCLOSEDREQUIRESASLAUTH ->
                new AccessDeniedException(context, "ZooKeeper does not accept the credentials", cause(code));
            case INVALIDACL ->
                new AccessDeniedException(
                        context,
                        "ZooKeeper refuses the access list that new nodes get by the option 'acl' or the settings of the application; it may name a user that this client is not",
                        cause(code));
            case NOCHILDRENFOREPHEMERALS ->
                new UnsupportedCapabilityException(context, Capability.KEYS_BELOW_LEASED_KEYS);
            case QUOTAEXCEEDED ->
                new KvException(
                        context,
                        Outcome.NOT_APPLIED,
                        true,
                        "a quota that is set in ZooKeeper is exceeded",
                        cause(code));
            case EPHEMERALONLOCALSESSION ->
                new KvException(
                        context,
                        Outcome.NOT_APPLIED,
                        false,
                        "ZooKeeper's members keep sessions to themselves, so that this one cannot create the ephemeral nodes that writes and leases need: "
                                + "set localSessionsUpgradingEnabled=true beside localSessionsEnabled on all members, or neither",
                        cause(code));
            case SYSTEMERROR ->
                new KvException(
                        context,
                        Outcome.NOT_APPLIED,
                        false,
                        "ZooKeeper's server or client failed at it with " + code + "; the log has the cause",
                        cause(code));
            // The client's own: no request of ours is malformed.
            case MARSHALLINGERROR ->
                new KvException(
                        context,
                        Outcome.NOT_APPLIED,
                        false,
                        "the reply is more than this process has memory for; the log has the cause",
                        cause(code));
            case THROTTLEDOP ->
                new UnavailableException(
                        context, Outcome.NOT_APPLIED, "ZooKeeper is overloaded and turned it away", cause(code));
            default ->
                passes(code)
                        ? lost(context, code)
                        : new KvException(
                                context, Outcome.NOT_APPLIED, false, "ZooKeeper refused it with " + code, cause(code));
        };
    }

    /**
     * The failure for a revocation that ZooKeeper has refused, because of this node if it is known. What is not denied has an unknown outcome, since it is tried
     * again; what is denied is known by its type, and says the same.
     */
    static KvException refusedRevocation(Context context, Code code, @Nullable String node) {
        String later =
                "; it is tried again, so that the entries may go soon, and after the ttl they go with their session, whose other leases are lost then";
        if (code == Code.NOAUTH) {
            return new AccessDeniedException(context, noPermission(node) + later, cause(code));
        }
        return new KvException(
                context, Outcome.UNKNOWN, false, "ZooKeeper refused it with " + code + later, cause(code));
    }

    /** The failure for a revocation that breaks connections by its size. */
    static KvException revocationTooLarge(Context context, int bytes, int breaks) {
        return new KvException(
                context,
                Outcome.UNKNOWN,
                false,
                "the connection broke " + breaks + " times when it was on its way; its request has " + bytes
                        + " bytes, which must be more than the server's jute.maxbuffer allows; the entries go after the ttl with their session, whose other leases are lost then",
                cause(Code.CONNECTIONLOSS));
    }

    private static String noPermission(@Nullable String node) {
        return "ZooKeeper's access list for " + (node == null ? "a node of it" : "the node '" + node + "'")
                + " does not permit this";
    }

    /** The failure for what breaks connections by its size. */
    static KvException breaker(Context context, int bytes, int breaks) {
        return new KvException(
                context,
                Outcome.NOT_APPLIED,
                false,
                "the connection broke " + breaks
                        + " times when it was on its way, the last two with nothing else to write, and bore small requests before; its request has "
                        + bytes
                        + " bytes, which must be more than the server's jute.maxbuffer allows: make the value smaller or the limit larger",
                cause(Code.CONNECTIONLOSS));
    }

    /** Why a write of so many bytes has had no effect so far, in a clause, if connections may have broken because of it. */
    static String suspected(int bytes, int breaks) {
        return "the connection to ZooKeeper broke " + breaks + " times when it was on its way; its request has " + bytes
                + " bytes, which may be more than the server's jute.maxbuffer allows, or the connections broke for another reason";
    }

    /** The failure of what reads more than this process can hold. */
    static KvException exhausted(Context context, OutOfMemoryError cause) {
        return new KvException(
                context,
                Outcome.NOT_APPLIED,
                false,
                "what it reads is more than this process has memory for (" + cause.getMessage() + ")",
                cause);
    }

    /** Why a list has no result yet, in a clause, after as many connections broke while it was read. */
    static String brokenList(int breaks) {
        return "the connection broke " + breaks
                + " times while it was listed; a reply may be larger than the memory of this process, or a request larger than the server's jute.maxbuffer allows";
    }

    /** Why an attempt had no effect, in a clause. */
    static String reason(Code code) {
        return switch (code) {
            case CONNECTIONLOSS -> "the connection to ZooKeeper broke before it could be applied";
            case SESSIONEXPIRED -> "the session had ended";
            case SESSIONMOVED -> "the session had moved to another server";
            case THROTTLEDOP -> "ZooKeeper is overloaded and turned it away";
            default -> "ZooKeeper refused it with " + code;
        };
    }

    /** The failure for what is known to have had no effect, because the connection broke before it could have any. */
    static KvException lost(Context context, Code code) {
        return new UnavailableException(
                context,
                Outcome.NOT_APPLIED,
                "the connection to ZooKeeper broke before it could be applied",
                cause(code));
    }

    /** The failure for a write of which nobody can tell any more whether it was applied. */
    static KvException unknown(Context context, Code code) {
        return new UnavailableException(
                context,
                Outcome.UNKNOWN,
                "the connection to ZooKeeper broke before the answer, and the session ended before it could be found out",
                cause(code));
    }

    /** For logs and causes; the client's own messages hold nothing secret. It has no exception for some of its codes. */
    private static @Nullable KeeperException cause(Code code) {
        try {
            return KeeperException.create(code);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
