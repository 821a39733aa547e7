/** Help, completion and the manual page: what is said of the command itself. */
@NullMarked
package dev.rollcall.cli.shell;

import org.jspecify.annotations.NullMarked;
