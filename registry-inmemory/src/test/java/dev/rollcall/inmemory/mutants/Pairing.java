package dev.rollcall.inmemory.mutants;

import java.util.concurrent.Exchanger;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Brings two operations of one kind together at the moment where each does harm to the other, so that a fault which needs two of them shows
 * on every run of a test that lets many go on at once, and not only now and then.
 */
final class Pairing<T> {
    private static final long MILLIS = 100;

    private final Exchanger<T> exchanger = new Exchanger<>();

    /** Waits a little for another operation, and returns what that has brought; what this one has brought if none comes. */
    T meet(T mine) {
        try {
            return exchanger.exchange(mine, MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return mine;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return mine;
        }
    }
}
