/** Verbs for the store itself: which one is meant, and how it is. */
@NullMarked
package dev.rollcall.cli.store;

import org.jspecify.annotations.NullMarked;
