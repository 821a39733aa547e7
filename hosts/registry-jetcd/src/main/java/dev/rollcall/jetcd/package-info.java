/**
 * Stores on etcd by the configuration of a jetcd client: {@link dev.rollcall.jetcd.JetcdStores} takes an {@code io.etcd.jetcd.ClientBuilder} that an
 * application has set up, and opens a store that reaches etcd in the same way.
 */
@NullMarked
package dev.rollcall.jetcd;

import org.jspecify.annotations.NullMarked;
