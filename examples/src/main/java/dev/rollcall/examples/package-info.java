/**
 * A host application whose store is a line of configuration.
 */
@NullMarked
package dev.rollcall.examples;

import org.jspecify.annotations.NullMarked;
