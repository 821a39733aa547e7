/**
 * The store on etcd, versions 3.4 and newer, behind {@code etcd:} and {@code etcds:} URLs.
 *
 * <p>Keys and values lie in etcd exactly as given, below the prefix of the URL. What is public is {@link
 * dev.rollcall.etcd.EtcdBackendProvider}; the client, jetcd's generated stubs on a gRPC channel of our own, stays inside.
 */
@NullMarked
package dev.rollcall.etcd;

import org.jspecify.annotations.NullMarked;
