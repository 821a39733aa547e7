package dev.rollcall.registry;

/** The states of a TiDB Binlog node. */
public enum NodeState {
    /** The node takes requests. */
    ONLINE("online"),
    /** The node is about to be {@link #PAUSED}. */
    PAUSING("pausing"),
    /** The node has stopped and may come back. */
    PAUSED("paused"),
    /** The node is about to be {@link #OFFLINE}. */
    CLOSING("closing"),
    /** The node has stopped for good. */
    OFFLINE("offline"),
    /** The store holds a text that is none of the others; {@link NodeStatus#stateText()} tells it. Cannot be written. */
    UNKNOWN("");

    private final String text;

    NodeState(String text) {
        this.text = text;
    }

    /** The text in the store; empty for {@link #UNKNOWN}. */
    public String text() {
        return text;
    }

    static NodeState of(String text) {
        for (NodeState state : values()) {
            if (state != UNKNOWN && state.text.equals(text)) {
                return state;
            }
        }
        return UNKNOWN;
    }
}
