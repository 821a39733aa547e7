/**
 * The registry of nodes: what applications use.
 */
@NullMarked
package dev.rollcall.registry;

import org.jspecify.annotations.NullMarked;
