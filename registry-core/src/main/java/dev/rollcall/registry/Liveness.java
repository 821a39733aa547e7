package dev.rollcall.registry;

import static java.util.Objects.requireNonNull;

/**
 * Whether a node is alive, and why. The one definition of it, for {@link NodeRegistry#node}, {@link NodeRegistry#nodes}, {@link
 * NodeRegistry#watchNodes}, views, selectors and the command:
 *
 * <table>
 * <caption>Who is alive</caption>
 * <tr><th>claim</th><th>record</th><th>mark</th><th>the node is</th></tr>
 * <tr><td>yes</td><td>any, also if others have written it</td><td>any</td><td>alive: {@link Reason#CLAIMED}</td></tr>
 * <tr><td>no</td><td>leased</td><td>any</td><td>alive: {@link Reason#LEASED}</td></tr>
 * <tr><td>no</td><td>plain</td><td>covers it</td><td>dead: {@link Reason#OWNER_GONE}</td></tr>
 * <tr><td>no</td><td>plain</td><td>older than the record</td><td>as the record says: {@link Reason#WRITTEN_SINCE}</td></tr>
 * <tr><td>no</td><td>plain</td><td>none</td><td>as the record says: {@link Reason#UNCLAIMED}</td></tr>
 * <tr><td>any</td><td>absent or unreadable</td><td>any</td><td>no node</td></tr>
 * </table>
 *
 * <p>A <i>claim</i> is a leased entry that a {@link Registration} keeps beside its record. A <i>mark</i> is an entry without a lease that a
 * registration in {@link RegistrationMode#PERSISTENT} writes together with the record, each time; it covers the record if both have the
 * same revision, which is to say that nobody else has written the record since. What a record says is up to {@link NodeCodec#isAlive}.
 *
 * @param isAlive whether the node is alive
 * @param reason why
 */
public record Liveness(boolean isAlive, Reason reason) {
    /** Why a node is alive or not. */
    public enum Reason {
        /** Alive: its owner holds a claim on it. */
        CLAIMED,
        /** Alive: its record has a lease. */
        LEASED,
        /** Not alive: its owner was a {@link Registration} that was closed or lost, and nobody has written the record since. */
        OWNER_GONE,
        /** As the record says: others have written it since its owner has gone. */
        WRITTEN_SINCE,
        /** As the record says: it was never a {@link Registration}'s. */
        UNCLAIMED
    }

    private static final Liveness CLAIMED = new Liveness(true, Reason.CLAIMED);
    private static final Liveness LEASED = new Liveness(true, Reason.LEASED);
    private static final Liveness OWNER_GONE = new Liveness(false, Reason.OWNER_GONE);
    private static final Liveness WRITTEN_SINCE_ALIVE = new Liveness(true, Reason.WRITTEN_SINCE);
    private static final Liveness WRITTEN_SINCE_DEAD = new Liveness(false, Reason.WRITTEN_SINCE);
    private static final Liveness UNCLAIMED_ALIVE = new Liveness(true, Reason.UNCLAIMED);
    private static final Liveness UNCLAIMED_DEAD = new Liveness(false, Reason.UNCLAIMED);

    public Liveness {
        requireNonNull(reason, "reason");
    }

    /**
     * The table above.
     *
     * @param record the revision of the record
     * @param mark the revision of the mark, or 0 if there is none
     */
    static Liveness of(boolean claimed, boolean leased, long record, long mark, boolean saysAlive) {
        if (claimed) {
            return CLAIMED;
        }
        if (leased) {
            return LEASED;
        }
        if (mark == record) {
            return OWNER_GONE;
        }
        if (mark != 0) {
            return saysAlive ? WRITTEN_SINCE_ALIVE : WRITTEN_SINCE_DEAD;
        }
        return saysAlive ? UNCLAIMED_ALIVE : UNCLAIMED_DEAD;
    }

    /** Why, for people: a clause without a full stop. */
    public String why() {
        String says = isAlive ? "its record says that it is alive" : "its record says that it is not alive";
        return switch (reason) {
            case CLAIMED -> "its owner holds a claim on it";
            case LEASED -> "its record has a lease";
            case OWNER_GONE -> "its owner was closed or lost";
            case WRITTEN_SINCE -> "others have written it since its owner has gone, and " + says;
            case UNCLAIMED -> "nobody has claimed it, and " + says;
        };
    }
}
