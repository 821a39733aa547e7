package dev.rollcall.tck.server;

/** Which way bytes go through a {@link TcpProxy}. */
public enum Direction {
    /** From the client to the server. */
    REQUESTS,
    /** From the server to the client. */
    REPLIES
}
