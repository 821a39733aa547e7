/**
 * Benchmarks, each beside the raw client that it is compared with.
 */
@NullMarked
package dev.rollcall.benchmarks;

import org.jspecify.annotations.NullMarked;
