/** What fuzz targets are made of: inputs to begin from, changes to them, and what a refusal has to look like. */
@NullMarked
package dev.rollcall.fuzz;

import org.jspecify.annotations.NullMarked;
