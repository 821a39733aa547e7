/**
 * The registry of nodes: what applications use.
 *
 * <p>{@link dev.rollcall.registry.NodeRegistry} reads and writes node records, {@link
 * dev.rollcall.registry.Registration} keeps one present, {@link dev.rollcall.registry.NodeView} mirrors a kind
 * of them. All three work on any {@link dev.rollcall.kv.KvBackend} and with any record type for which there is
 * a {@link dev.rollcall.registry.NodeCodec}; {@link dev.rollcall.registry.NodeStatus} is TiDB Binlog's. What
 * the store holds besides the records lies below {@code <root>/.rollcall}.
 */
@NullMarked
package dev.rollcall.registry;

import org.jspecify.annotations.NullMarked;
