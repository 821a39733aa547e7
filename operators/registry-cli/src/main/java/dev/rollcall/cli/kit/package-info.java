/** {@code rollcall tck}: the test kit from the command line. */
@NullMarked
package dev.rollcall.cli.kit;

import org.jspecify.annotations.NullMarked;
