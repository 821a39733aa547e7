package dev.rollcall.console;

import java.util.ArrayList;
import java.util.List;

/** Pages that follow a console all at once. */
final class Crowd implements AutoCloseable {
    private final List<EventReader> readers = new ArrayList<>();

    /** Returns when all of them are served. */
    Crowd(ConsoleFixture fixture, int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            readers.add(fixture.follow("store"));
        }
        for (EventReader reader : readers) {
            reader.await("store", event -> true);
        }
    }

    List<EventReader> readers() {
        return readers;
    }

    @Override
    public void close() throws Exception {
        for (EventReader reader : readers) {
            reader.close();
        }
    }
}
