/**
 * Small host applications: what using Rollcall looks like from the outside.
 */
@NullMarked
package dev.rollcall.examples;

import org.jspecify.annotations.NullMarked;
