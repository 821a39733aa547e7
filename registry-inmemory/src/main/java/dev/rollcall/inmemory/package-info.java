/**
 * A store inside the JVM that fails on demand.
 */
@NullMarked
package dev.rollcall.inmemory;

import org.jspecify.annotations.NullMarked;
