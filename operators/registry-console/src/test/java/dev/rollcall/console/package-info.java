/** Tests of the console, over HTTP and in a browser. */
@NullMarked
package dev.rollcall.console;

import org.jspecify.annotations.NullMarked;
