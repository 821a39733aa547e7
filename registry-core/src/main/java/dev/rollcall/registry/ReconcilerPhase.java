package dev.rollcall.registry;

/**
 * Where a registration is on its way to what it wants, and so which step comes next. Nothing moves it from phase to phase by hand: it is found anew
 * before each step, from what is known then, as the first that applies in the order given here. So an event only has to record what has happened (decision
 * 0140).
 *
 * <table>
 * <caption>Phases, in the order in which they are tried</caption>
 * <tr><th>phase</th><th>applies if</th><th>step</th><th>left by</th></tr>
 * <tr><td>{@link #CLOSED}</td><td>it is closed, or its backend is</td><td>none</td><td>never</td></tr>
 * <tr><td>{@link #BUSY}</td><td>an operation is under way</td><td>none</td><td>its result</td></tr>
 * <tr><td>{@link #PAUSED}</td><td>a pause before a retry runs</td><td>none</td><td>its end, the close</td></tr>
 * <tr><td>{@link #LEAVING}</td><td>closing, with a last value to be written under a lease that is held</td><td>write it</td><td>the result</td></tr>
 * <tr><td>{@link #REVOKING}</td><td>closing, with a lease</td><td>revoke it</td><td>the result, good or bad</td></tr>
 * <tr><td>{@link #CONFIRMING}</td><td>closing, at the request of somebody who waits</td><td>confirm the removal</td><td>the result, good or bad</td></tr>
 * <tr><td>{@link #LEFT}</td><td>closing, otherwise</td><td>end</td><td>{@code CLOSED}</td></tr>
 * <tr><td>{@link #UNWATCHED}</td><td>the watch has not begun</td><td>none</td><td>the watch</td></tr>
 * <tr><td>{@link #GIVEN_UP}</td><td>a conflict was final</td><td>none</td><td>the close</td></tr>
 * <tr><td>{@link #IN_CONFLICT}</td><td>another owner had the id when it was read</td><td>none</td><td>a change of the keys</td></tr>
 * <tr><td>{@link #WITHOUT_LEASE}</td><td>there is no lease, or it is over</td><td>grant one</td><td>the grant</td></tr>
 * <tr><td>{@link #UNREAD}</td><td>the revisions of the keys are not known</td><td>read them, and write what is missing</td><td>the result</td></tr>
 * <tr><td>{@link #OUTDATED}</td><td>a newer value waits</td><td>write it</td><td>the result</td></tr>
 * <tr><td>{@link #REQUESTED}</td><td>somebody else has asked for something</td><td>obey, or refuse</td><td>the result</td></tr>
 * <tr><td>{@link #SETTLED}</td><td>otherwise</td><td>none</td><td>what happens next</td></tr>
 * </table>
 */
enum ReconcilerPhase {
    CLOSED,
    BUSY,
    PAUSED,
    LEAVING,
    REVOKING,
    CONFIRMING,
    LEFT,
    UNWATCHED,
    GIVEN_UP,
    IN_CONFLICT,
    WITHOUT_LEASE,
    UNREAD,
    OUTDATED,
    REQUESTED,
    SETTLED
}
