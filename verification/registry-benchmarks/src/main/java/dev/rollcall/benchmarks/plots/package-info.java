/** Pictures and tables of what was measured, for the documentation. */
@NullMarked
package dev.rollcall.benchmarks.plots;

import org.jspecify.annotations.NullMarked;
