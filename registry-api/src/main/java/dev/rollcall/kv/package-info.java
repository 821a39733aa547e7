/**
 * The storage contract: what a backend implements, and the vocabulary it shares with its callers.
 *
 * <p>{@link dev.rollcall.kv.KvBackend} is one client's handle on a store of {@linkplain
 * dev.rollcall.kv.Key keys} and {@linkplain dev.rollcall.kv.Bytes values}. Everything observable about it
 * is fixed by the numbered rules of {@code docs/spec.md} and proven for each backend by the test kit, so that
 * changing the store is changing a URL. Programming errors (a malformed key, a value that is too large) are
 * thrown at once as JDK exceptions; everything that the store decides arrives through a future as a {@link
 * dev.rollcall.kv.KvException}.
 *
 * <p>Types of this package are immutable unless they say otherwise. No type of a client library appears here.
 */
@NullMarked
package dev.rollcall.kv;

import org.jspecify.annotations.NullMarked;
