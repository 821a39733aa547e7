/**
 * The registry of nodes: what applications use.
 *
 * <p>{@link dev.rollcall.registry.NodeRegistry} reads and writes node records, {@link
 * dev.rollcall.registry.Registration} keeps one present, {@link dev.rollcall.registry.NodeView} mirrors a kind
 * of them. All three work on any {@link dev.rollcall.kv.KvBackend} and with any record type for which there is
 * a {@link dev.rollcall.registry.NodeCodec}; {@link dev.rollcall.registry.NodeStatus} is TiDB Binlog's. What
 * the store holds besides the records lies below {@code <root>/.rollcall}.
 *
 * <p>In reading order, behind these:
 *
 * <ol>
 *   <li><b>What is where</b>: {@code NodeKeys} names a node's record, its claim and its mark; {@link dev.rollcall.registry.Liveness} says what they mean
 *       together. {@code NodeReader} decodes, so that what is unreadable stays its own problem. {@code RegistryContext} is what all components of a registry share.
 *   <li><b>A read</b> is done by {@code NodeReads}, which makes one moment of the three entries, and by {@code KindReads} for a whole kind. A change by a function
 *       is made again by {@code Contention} while others are faster.
 *   <li><b>A registration</b> is driven by {@code Reconciler}, which takes the step that its {@code ReconcilerPhase} demands: get a lease, read, write what is missing, again
 *       whenever something changes. {@code KnownState} is what it knows of its keys, {@code Claim} has the transactions that it makes, {@code PendingUpdates} the values
 *       that wait, {@code StatusBoard} the status for listeners, {@code LastWrite} what is written last.
 *   <li><b>A change comes in</b> at {@code SharedWatch}, one for each directory (decision 0093). {@code KeyTracker} tells registrations of their keys, {@code
 *       ViewWatch} a view of its kind.
 *   <li><b>A view</b> holds a {@code NodeSet}, which {@code ViewReducer} makes out of the one before and the changes; {@code PersistentMap} lets cuts share what
 *       is the same. {@code ViewFeed} tells a listener the difference. {@code Freshness} says whether the view is stale, {@code CatchUp} makes it current after an
 *       outage, {@code ViewRefresh} serves those who await a revision, {@code EmptyGuard} says which cut the view shows, {@code ViewFile} keeps the last one on
 *       disk, and {@code ViewAuditor} compares the view with the store.
 *   <li><b>A request to an owner</b> is an {@code OutboundRequest} at who asks and one of the {@code InboundRequests} at the owner (decision 0096).
 *   <li><b>A codec</b> of JSON is {@code JacksonCodec}; TiDB's, byte for byte as Go writes it, is {@code NodeStatusJson} by {@code JsonScanner}.
 * </ol>
 */
@NullMarked
package dev.rollcall.registry;

import org.jspecify.annotations.NullMarked;
