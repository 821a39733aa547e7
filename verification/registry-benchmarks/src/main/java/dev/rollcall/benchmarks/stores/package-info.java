/**
 * Rollcall beside the raw clients, on real servers: each scenario is run by both in turn against the same server, and what is reported is the
 * ratio, since machine noise affects both.
 */
@NullMarked
package dev.rollcall.benchmarks.stores;

import org.jspecify.annotations.NullMarked;
