package dev.rollcall.benchmarks.stores;

import picocli.CommandLine.Option;

/** How much is measured: options of the command, read by the scenarios. */
final class Plan {
    /** Keys in the directory that is read and written. */
    static final int KEYS = 10_000;

    /** Entries that are listed in a round, at least. */
    static final int LISTED = 20_000;

    /** Operations under way at a time, where the store is busy. */
    static final int IN_FLIGHT = 256;

    @Option(
            names = "--rounds",
            defaultValue = "5",
            description = "How often each is measured; default ${DEFAULT-VALUE}.")
    int rounds;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "5",
            description = "For how long each side runs before it is measured, at least; default ${DEFAULT-VALUE}.")
    int warmUpSeconds;

    @Option(names = "--operations", defaultValue = "20000", description = "Of a busy round; default ${DEFAULT-VALUE}.")
    int operations;

    @Option(
            names = "--calls",
            defaultValue = "500",
            description = "Of a round of one call at a time, at most 10000; default ${DEFAULT-VALUE}.")
    int calls;

    @Option(
            names = "--lists",
            split = ",",
            defaultValue = "1000,10000,100000",
            description = "Sizes of the directories that are listed; default ${DEFAULT-VALUE}.")
    int[] lists = {};

    @Option(
            names = "--watches",
            defaultValue = "1000",
            description = "Watches on directories of their own; default ${DEFAULT-VALUE}.")
    int watches;

    @Option(names = "--leases", defaultValue = "1000", description = "Leases kept alive; default ${DEFAULT-VALUE}.")
    int leases;

    @Option(
            names = "--lease-seconds",
            defaultValue = "20",
            description = "For how long they are looked at; default ${DEFAULT-VALUE}.")
    int leaseSeconds;

    @Option(names = "--only", description = "Only scenarios whose name contains this.")
    String only = "";
}
