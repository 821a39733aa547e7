package dev.rollcall.cli.demo;

/** A node of the demo cannot play its part, and the demo is over. */
final class NodeFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int code;

    NodeFailedException(String node, NodeFailure failure) {
        super("The demo's node " + node + " has failed: " + failure.reason());
        this.code = failure.code();
    }

    /** What the command ends with. */
    int code() {
        return code;
    }
}
