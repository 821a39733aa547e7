package dev.rollcall.console;

import org.jspecify.annotations.Nullable;

/** Something that browsers follow. All methods are called on the console's thread. */
interface Topic {
    /** Events that bring a browser without any knowledge to the state last told by {@link #changes}. */
    byte[] state();

    /** An event with what has changed since the last call, or null if nothing has. Called whether or not anyone follows. */
    byte @Nullable [] changes(boolean followed);
}
