/**
 * Stores on ZooKeeper by the configuration of a Curator client: {@link dev.rollcall.curator.CuratorStores} takes a {@code CuratorFrameworkFactory.Builder} that
 * an application has set up, or its running client, and opens a store that reaches ZooKeeper in the same way.
 */
@NullMarked
package dev.rollcall.curator;

import org.jspecify.annotations.NullMarked;
