/** What an instance of ours weighs in memory, and how long a big view takes to load: what JMH does not measure. */
@NullMarked
package dev.rollcall.benchmarks.sizes;

import org.jspecify.annotations.NullMarked;
