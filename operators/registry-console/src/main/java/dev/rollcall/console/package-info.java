/**
 * A page for operators that shows the nodes, keys, locks and elections of any store, live: {@link dev.rollcall.console.Console}. It knows the contract
 * only, so it works on every backend.
 */
@NullMarked
package dev.rollcall.console;

import org.jspecify.annotations.NullMarked;
