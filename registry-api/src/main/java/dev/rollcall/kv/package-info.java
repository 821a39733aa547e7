/**
 * The contract between the registry and its stores, and the vocabulary in which it is written.
 */
@NullMarked
package dev.rollcall.kv;

import org.jspecify.annotations.NullMarked;
