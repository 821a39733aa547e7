/**
 * The {@code rollcall} command: one class for each subcommand, over the registry and the storage contract, with no logic that they lack.
 *
 * <p>A mistake of the user's is one line on standard error and an {@linkplain dev.rollcall.cli.support.ExitCode exit code}, never a stack trace.
 */
@NullMarked
package dev.rollcall.cli;

import org.jspecify.annotations.NullMarked;
