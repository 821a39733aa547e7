package dev.rollcall.tck.nemesis;

/**
 * How much the holders of leases and locks did in a {@link NemesisRun}.
 *
 * @param leases how many leases were granted to be held; those below the lock and the nodes are not counted
 * @param leasesLost how many of them were lost to their holders
 * @param turns how often the lock was had
 * @param turnsLost how many of these turns were lost
 * @param guardedWrites how many writes under the token of a turn were acknowledged
 * @param refusedWrites how many were refused because the turn was over
 */
public record HolderFigures(
        int leases, int leasesLost, int turns, int turnsLost, int guardedWrites, int refusedWrites) {}
