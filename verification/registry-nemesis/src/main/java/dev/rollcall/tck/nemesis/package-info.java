/**
 * Faults of real clusters while workloads run, and the judgement on what every client was told meanwhile.
 *
 * <p>Give a {@link dev.rollcall.tck.nemesis.Cluster} and call {@link dev.rollcall.tck.nemesis.NemesisRun}. In the way of Jepsen, and of
 * etcd's robustness tests: faults come and go by a seeded schedule, everything is healed in the end, and every round has a history that
 * is judged by itself.
 */
@NullMarked
package dev.rollcall.tck.nemesis;

import org.jspecify.annotations.NullMarked;
