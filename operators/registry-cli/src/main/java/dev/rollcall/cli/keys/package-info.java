/** Verbs for entries: read, write, list, follow, carry from one store to another. */
@NullMarked
package dev.rollcall.cli.keys;

import org.jspecify.annotations.NullMarked;
