/**
 * Real servers and real faults for the tests of backends: processes that can be killed and stopped, and a proxy between client and
 * server that breaks connections in all the ways a network does.
 *
 * <p>Nothing here knows what the servers are. {@link dev.rollcall.tck.server.ServerProcess} starts one; {@link
 * dev.rollcall.tck.server.TcpProxy} stands before it.
 */
@NullMarked
package dev.rollcall.tck.server;

import org.jspecify.annotations.NullMarked;
