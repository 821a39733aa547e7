package dev.rollcall.console;

/** A change was asked for of a console that only shows. */
final class ReadOnlyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ReadOnlyException() {
        super("This console only shows. Start it with --allow-changes, or ConsoleOptions.allowChanges, to change the"
                + " store.");
    }
}
