/** What benchmarks have measured, as a file that a script can merge and plot. */
@NullMarked
package dev.rollcall.benchmarks.results;

import org.jspecify.annotations.NullMarked;
