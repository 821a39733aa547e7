/** What all verbs share: the store that is meant, how results and failures are shown, and what the process was given. */
@NullMarked
package dev.rollcall.cli.support;

import org.jspecify.annotations.NullMarked;
