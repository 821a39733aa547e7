/**
 * Leader election and locks, built on nothing but the contract of {@code dev.rollcall.kv}.
 */
@NullMarked
package dev.rollcall.coordination;

import org.jspecify.annotations.NullMarked;
