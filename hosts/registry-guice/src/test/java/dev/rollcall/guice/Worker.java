package dev.rollcall.guice;

/** A record of an application's own. */
public record Worker(String address, int slots) {}
