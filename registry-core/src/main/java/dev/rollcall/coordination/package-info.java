/**
 * Leader election and locks, built on nothing but the contract of {@code dev.rollcall.kv}: a {@link
 * dev.rollcall.coordination.LeaderElection} has one leader at a time, a {@link dev.rollcall.coordination.DistributedLock} one holder.
 *
 * <p>In reading order, behind these:
 *
 * <ol>
 *   <li><b>The queue</b> of a lock or an election is a {@code TicketQueue}: leased entries below a directory, in the order of their revisions. A {@code
 *       Ticket} is one place in it, and {@code TicketRecord} is the value that describes its owner. One watch tells which place is first.
 *   <li><b>A turn</b> of a lock is a {@link dev.rollcall.coordination.LockHold}; a candidate in an election is a {@link
 *       dev.rollcall.coordination.Candidacy}, which joins the queue again after each term.
 *   <li><b>Fencing</b>: each turn and term has a {@link dev.rollcall.coordination.FencingToken}, which makes writes conditional on the turn still lasting.
 *   <li><b>Threads</b> are {@code SharedThreads}, one set for all locks and elections on a backend. The state of a queue is confined to its lane.
 * </ol>
 */
@NullMarked
package dev.rollcall.coordination;

import org.jspecify.annotations.NullMarked;
