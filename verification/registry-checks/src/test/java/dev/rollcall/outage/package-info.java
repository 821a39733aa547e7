/** What applications see and read while their store is away. */
@NullMarked
package dev.rollcall.outage;

import org.jspecify.annotations.NullMarked;
