/**
 * What a run of the kit has shown: the rules of the contract, what became of each, and the forms in which that is told.
 *
 * <p>Nothing here runs tests or knows JUnit.
 */
@NullMarked
package dev.rollcall.tck.report;

import org.jspecify.annotations.NullMarked;
