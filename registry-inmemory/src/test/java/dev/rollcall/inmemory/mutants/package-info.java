/**
 * Backends that each break one promise, so that the test kit can be seen to notice. Each is the store in memory, and one thing that it does
 * wrong in the way real clients do.
 *
 * <p>A mutant that the kit lets pass, or blames for something else, is a fault of the kit.
 */
@NullMarked
package dev.rollcall.inmemory.mutants;

import org.jspecify.annotations.NullMarked;
