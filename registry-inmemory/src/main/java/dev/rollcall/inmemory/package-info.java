/**
 * A store inside the JVM that fails on demand: for tests of applications, and the model that the contract is read by.
 *
 * <p>In reading order:
 *
 * <ol>
 *   <li><b>A store</b> is {@link dev.rollcall.inmemory.InMemoryStore}; {@link dev.rollcall.inmemory.StoreData} has its data: a {@link
 *       dev.rollcall.inmemory.State} in a {@link dev.rollcall.inmemory.PersistentTree}, so that a reader needs no lock, and the latest transactions
 *       in {@link dev.rollcall.inmemory.RecentTransactions}, which compaction takes away.
 *   <li><b>An operation</b> enters at {@link dev.rollcall.inmemory.InMemoryBackend}. While nothing is at fault it has its effect in the calling thread
 *       (decision 0010); else it is a {@link dev.rollcall.inmemory.Request} on the {@link dev.rollcall.inmemory.FaultyConnection}, which delays, loses or answers it.
 *   <li><b>Faults</b> are told to {@link dev.rollcall.inmemory.Faults}, and time is {@link dev.rollcall.inmemory.ManualTime} if a test advances it.
 *   <li><b>A change comes in</b> where it is committed: {@link dev.rollcall.inmemory.StateWatch} tells a watch the latest state, {@link
 *       dev.rollcall.inmemory.HistoryWatch} every revision after one.
 *   <li><b>A lease</b> is {@link dev.rollcall.inmemory.HeldLease} for its holder, and {@link dev.rollcall.inmemory.StoredLease} in the store. {@link
 *       dev.rollcall.inmemory.Presence} keeps what a handle has there alive.
 * </ol>
 */
@NullMarked
package dev.rollcall.inmemory;

import org.jspecify.annotations.NullMarked;
