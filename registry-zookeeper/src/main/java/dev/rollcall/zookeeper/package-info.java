/**
 * The contract on ZooKeeper: a key is the znode at its natural path below the store's root, and a revision is a zxid.
 *
 * <p>A handle has one session for reads, writes and, once it has listed or watched, one recursive watch. Leases share other sessions.
 * Nothing of ZooKeeper's client shows outside. {@code docs/backends/zookeeper.md} tells what each promise rests on and what it costs; the reasons for what is not
 * obvious are in {@code docs/decisions}, from 0040 on.
 *
 * <p>In reading order:
 *
 * <ol>
 *   <li><b>A handle</b> is {@code ZooKeeperBackend}; what its components share is {@code ZooKeeperContext}. {@code ZooKeeperConfig} is the URL, {@code Layout} maps
 *       keys to znodes.
 *   <li><b>A read</b> is a {@code GetRun}, or a {@code ConsistentListing}, which reads a directory as it was at one moment. What makes it linearizable is a barrier
 *       of {@code FreshReads}.
 *   <li><b>A transaction</b> is a {@code CommitRun}: it reads what it concerns, and {@code CommitPlan} makes ZooKeeper's transaction for exactly that
 *       state, which {@code Guards} protect (decision 0041). The commonest writes need no read: {@code OptimisticWrite}, by {@code KnownVersions}.
 *   <li><b>It is sent</b> by {@code Connection}, the handle's session and the next one when that has expired. {@code WriteQueue} puts writes that wait into
 *       one transaction; {@code Session} sends it through {@code ClientTransport}, and learns from a receipt in {@code Receipts} what became of a write whose
 *       answer was lost, one of its {@code Doubts} (decision 0043).
 *   <li><b>It is answered</b> on the client's event thread; {@code ZooKeeperErrors} is the one place where codes become exceptions. The future completes on a
 *       callback thread.
 *   <li><b>A change comes in</b> at {@code ChangeFeed}, the one watch of the session. {@code CutAssembler} makes cuts of events and replies (decision 0044);
 *       {@code WatchRegister} turns a cut into changes for each {@code FeedWatch}, whose mailbox hands them to the listener.
 *   <li><b>A lease</b> is a {@code ZooKeeperLease}. Those with the same step of ttl share a {@code LeaseSession}, whose ephemerals are their entries:
 *       {@code LeaseEntries} knows which are whose, {@code Heartbeats} whether they can be trusted, and a {@code Revocation} deletes those of one
 *       (decision 0086). {@code LeaseTime} has the margins.
 *   <li><b>Empty directories</b> are removed by {@code Pruner}, and a store that has gone back in time is noticed by {@code ZooKeeperRewindDetector}.
 * </ol>
 */
@NullMarked
package dev.rollcall.zookeeper;

import org.jspecify.annotations.NullMarked;
