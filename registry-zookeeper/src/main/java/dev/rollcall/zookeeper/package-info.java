/**
 * The contract on ZooKeeper: a key is the znode at its natural path below the store's root, and a revision is a zxid.
 *
 * <p>A handle has one session for reads, writes and, once it has listed or watched, one recursive watch. Leases share other sessions.
 * Nothing of ZooKeeper's client shows outside, but in {@code ZooKeeperBackendBuilder}, by which modules pass on the settings of a host. {@code
 * docs/backends/zookeeper.md} says how each promise is kept and what it costs; the reasons are in {@code docs/decisions}, 0040 to 0048, 0076 to 0078, 0084 to 0088
 * and 0122.
 *
 * <p>In reading order:
 *
 * <ol>
 *   <li><b>A handle</b> is {@code ZooKeeperBackend}; what its components share is {@code ZooKeeperContext}. {@code ZooKeeperConfig} is the URL, or what a host
 *       has set; {@code Ensemble} names the members, {@code NodeAccess} the permissions, {@code Layout} maps keys to znodes.
 *   <li><b>A read</b> is a {@code GetRun}, or a {@code ConsistentListing}, which reads a directory as it was at one moment. What makes it linearizable is a barrier
 *       of {@code FreshReads}.
 *   <li><b>A transaction</b> is a {@code CommitRun}: it reads what it concerns, and {@code CommitPlan} makes ZooKeeper's transaction for exactly that
 *       state, which {@code Guards} protect (decision 0041). The commonest writes need no read: {@code OptimisticWrite}, by {@code KnownVersions}.
 *   <li><b>It is sent</b> by {@code Connection}, the handle's session and the next one when that has expired. A {@code Session} sends requests
 *       through {@code ClientTransport} while it is connected, and hears what becomes of it. Its {@code SessionWrites} has a {@code WriteQueue} for each connection,
 *       which puts writes that wait into one transaction, and reads from a receipt in {@code Receipts} the outcome of a write in doubt, one of its {@code Doubts}
 *       (decision 0043). {@code ReadGate} bounds what is read at a time, {@code SilenceGuard} leaves a member that does not answer.
 *   <li><b>The reply</b> comes on the client's event thread; {@code ZooKeeperErrors} is the one place where codes become exceptions. The future completes on a
 *       callback thread.
 *   <li><b>A change comes in</b> by the one watch of the session, {@code RootWatch}, which ZooKeeper's client sets again on each connection. {@code
 *       ChangeFeed} gets its events, and reads after each connection what may have been missed. {@code CutAssembler} makes cuts of events and replies (decision
 *       0044); {@code WatchRegister} turns a cut into changes for each {@code FeedWatch}, whose mailbox hands them to the listener. {@code WatchStarts} lists the
 *       directories of watches that begin, and {@code PassedKeys} says where a key may have come and gone unseen (decision 0156).
 *   <li><b>A lease</b> is a {@code ZooKeeperLease}. Those with the same step of ttl share a {@code LeaseSession}, whose ephemerals are their entries:
 *       {@code LeaseEntries} knows which entry belongs to which lease, {@code Heartbeats} whether the session can be trusted, and a {@code Revocation} deletes those of one
 *       (decision 0086). {@code LeaseSweep} finds the entries that others have deleted, {@code LeaseSessionEnd} ends the session at the server, and {@code LeaseTime}
 *       has the margins.
 *   <li><b>Empty directories</b> are removed by {@code Pruner}, and a store that has gone back in time is noticed by {@code ZooKeeperRewindDetector}.
 * </ol>
 */
@NullMarked
package dev.rollcall.zookeeper;

import org.jspecify.annotations.NullMarked;
