/**
 * Records what clients of a store saw while others were busy, and judges afterwards whether the contract allows it.
 *
 * <p>{@link dev.rollcall.tck.history.HistoryRecorder} wraps handles and yields a {@link dev.rollcall.tck.history.History}; {@link
 * dev.rollcall.tck.history.Workload} makes ready-made ones. Two judges that share no code decide: {@link
 * dev.rollcall.tck.history.LinearizabilityJudge} looks for an order that explains the values and ignores revisions, {@link
 * dev.rollcall.tck.history.ReplayJudge} takes the revisions at their word and compares everything else with them. See {@code
 * docs/histories.md}.
 */
@NullMarked
package dev.rollcall.tck.history;

import org.jspecify.annotations.NullMarked;
