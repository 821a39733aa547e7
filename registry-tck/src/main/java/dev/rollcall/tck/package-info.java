/**
 * The kit that proves, rule by rule, that a store keeps the contract.
 */
@NullMarked
package dev.rollcall.tck;

import org.jspecify.annotations.NullMarked;
