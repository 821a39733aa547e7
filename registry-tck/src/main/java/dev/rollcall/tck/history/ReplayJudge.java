package dev.rollcall.tck.history;

/**
 * Takes the revisions at their word: replays the writes in their order and compares every answer and every signal with the state they
 * lead to. Exact, in O(n log n), for any number of keys, with transactions, lists and watches.
 *
 * <p>If every answer agrees, then ordering the operations by revision, each write before the reads at its revision, is an order that
 * explains the history; that it agrees with real time is compared as well. A write in doubt is adopted when somebody sees its value, or
 * its deletion, with a revision, and otherwise when nothing else explains an answer. Where several could be, a number of ways is tried;
 * the verdict is undecided if none fits, unless something is wrong whichever it was: what an acknowledged put belies.
 */
public final class ReplayJudge implements Judge {
    private static final int ATTEMPTS = 32;

    private final int attempts;

    /** A judge. */
    public ReplayJudge() {
        this(ATTEMPTS);
    }

    private ReplayJudge(int attempts) {
        this.attempts = attempts;
    }

    /** A judge that tries one way only, and so is undecided more often. */
    static ReplayJudge ofOneAttempt() {
        return new ReplayJudge(1);
    }

    @Override
    public Verdict judge(History history) {
        Sightings sightings = new Sightings(history);
        Floors floors = new Floors(history);
        Findings findings = attempt(0, history, sightings, floors);
        Findings first = findings;
        for (int i = 1; i < attempts && !findings.isClean() && !findings.isCertain(); i++) {
            findings = attempt(i, history, sightings, floors);
        }
        // A guess-free attempt is as certain as a clean one; otherwise the plainest guess reads best.
        return findings.isClean() || findings.isCertain() ? findings.verdict() : first.verdict();
    }

    private static Findings attempt(int number, History history, Sightings sightings, Floors floors) {
        Findings findings = new Findings(number);
        RevisionWriters revisionWriters = new RevisionWriters(history, sightings, floors, findings);
        Replay replay = new Replay(history, revisionWriters, floors, findings);
        replay.run();
        new RevisionlessCheck(history, replay, floors, findings).run();
        for (WatchLog watch : history.watches()) {
            new WatchCheck(watch, replay, findings).run();
        }
        return findings;
    }
}
