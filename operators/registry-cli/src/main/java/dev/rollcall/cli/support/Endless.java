package dev.rollcall.cli.support;

/** A verb that may have nothing to write for a long time, so that it has to be told when the reader of its output is gone. */
public interface Endless {}
