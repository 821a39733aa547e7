package dev.rollcall.coordination;

/**
 * Is told of the terms of one {@link Candidacy}: {@code (onElected onLost)*}, and each election is followed by its loss, at the latest when the
 * candidacy is closed. Called one at a time, on a callback thread, without a lock held; it may block, but then hears of a loss only
 * when it has returned. Long work belongs elsewhere, and asks {@link Candidacy#isLeader()}.
 */
public interface CandidateListener {
    /**
     * The candidate leads. It may have lost the office again before this is called, so what matters is written guarded by the token. If this
     * throws, the candidate steps down, so that others can try, and stands again after a pause, which grows to ten seconds, or the longest pause of
     * the options if that is more, until it returns normally; {@link Candidacy#lastFailure()} says why.
     */
    void onElected(FencingToken token);

    /**
     * The candidate does not lead any more; it stands again by itself unless its candidacy was closed.
     *
     * @param reason a clause for people, without a full stop
     */
    void onLost(FencingToken token, String reason);
}
