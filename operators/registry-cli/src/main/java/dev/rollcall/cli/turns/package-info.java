/** Verbs for locks and elections. */
@NullMarked
package dev.rollcall.cli.turns;

import org.jspecify.annotations.NullMarked;
