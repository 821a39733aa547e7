/**
 * The kit that proves, rule by rule, that a store keeps the contract.
 *
 * <p>The author of a backend implements {@link dev.rollcall.tck.BackendFixture} and one class named {@code …TckTest} that implements
 * {@link dev.rollcall.tck.KvBackendTck}; {@link dev.rollcall.tck.KitLauncher} runs the same tests without a build. What a run has shown is
 * a {@link dev.rollcall.tck.report.ConformanceReport}. {@code docs/writing-a-backend.md} tells the whole story.
 */
@NullMarked
package dev.rollcall.tck;

import org.jspecify.annotations.NullMarked;
