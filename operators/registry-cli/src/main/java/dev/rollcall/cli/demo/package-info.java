/**
 * {@code rollcall demo}: a short life of a registry on whatever store, told as it happens and checked at the end.
 */
@NullMarked
package dev.rollcall.cli.demo;

import org.jspecify.annotations.NullMarked;
