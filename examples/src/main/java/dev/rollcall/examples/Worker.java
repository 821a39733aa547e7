package dev.rollcall.examples;

/**
 * What a worker says of itself: the application's own record, stored as JSON.
 *
 * @param address where it takes jobs
 * @param freeSlots how many it could take at once
 */
public record Worker(String address, int freeSlots) {}
