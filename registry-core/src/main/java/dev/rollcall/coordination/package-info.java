/**
 * Leader election and locks, built on nothing but the contract of {@code dev.rollcall.kv}: a {@link
 * dev.rollcall.coordination.LeaderElection} has one leader at a time, a {@link dev.rollcall.coordination.DistributedLock} one holder.
 *
 * <p>Both are a queue of leased entries below a directory. Each turn comes with a {@link dev.rollcall.coordination.FencingToken}, by which writes
 * are made conditional on its still lasting.
 */
@NullMarked
package dev.rollcall.coordination;

import org.jspecify.annotations.NullMarked;
