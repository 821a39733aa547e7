/**
 * The contract on ZooKeeper: a key is the znode at its natural path below the store's root, and a revision is a zxid.
 *
 * <p>A handle has one session for reads, writes and, once it has listed or watched, one recursive watch, and one more session for each lease.
 * Nothing of ZooKeeper's client shows outside. {@code docs/backends/zookeeper.md} tells what each promise rests on and what it costs; the reasons for what is not
 * obvious are in {@code docs/decisions}, from 0040 on.
 */
@NullMarked
package dev.rollcall.zookeeper;

import org.jspecify.annotations.NullMarked;
