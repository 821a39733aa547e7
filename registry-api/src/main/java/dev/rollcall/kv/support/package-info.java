/**
 * For authors of backends: the concurrent parts that every backend needs, so that each is written and tested once.
 *
 * <p>Applications have no use for this package, but for {@link dev.rollcall.kv.support.ForwardingBackend}, the base of handles that wrap another one. {@link dev.rollcall.kv.support.HandleThreads} holds the threads of a handle, {@link
 * dev.rollcall.kv.support.PendingCalls} its operations under way, {@link dev.rollcall.kv.support.ConnectionTracker} the state of its
 * connection; {@link dev.rollcall.kv.support.WatchIndex} finds the watches that a write concerns, and {@link
 * dev.rollcall.kv.support.WatchDelivery} brings each of them its signals. Locks are taken in that order and never held while code of the
 * application runs. {@link dev.rollcall.kv.support.LeaseTerm} is the clock of a lease's holder, and {@link dev.rollcall.kv.support.RenewedLeases} are leases that are renewed one by
 * one. {@link dev.rollcall.kv.support.BatchQueue} decides what goes to a store as one request; {@link
 * dev.rollcall.kv.support.SerialLane} and {@link dev.rollcall.kv.support.Backoff} serve the registry and the coordination as well, and so do {@link
 * dev.rollcall.kv.support.Durations}.
 */
@NullMarked
package dev.rollcall.kv.support;

import org.jspecify.annotations.NullMarked;
