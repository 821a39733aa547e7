package dev.rollcall.tck.history;
/** Placeholder. */
public final class ReplayJudge {}
