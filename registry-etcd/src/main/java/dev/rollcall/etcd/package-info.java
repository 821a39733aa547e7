/**
 * The store on etcd, versions 3.4 and newer, behind {@code etcd:} and {@code etcds:} URLs.
 *
 * <p>Keys and values lie in etcd exactly as given, below the prefix of the URL. What is public is {@link
 * dev.rollcall.etcd.EtcdBackendProvider}; the client, jetcd's generated stubs on a gRPC channel of our own, stays inside.
 *
 * <p>In reading order:
 *
 * <ol>
 *   <li><b>A handle</b> is {@link dev.rollcall.etcd.EtcdBackend}, which makes the components and delegates to them. What they share is {@link
 *       dev.rollcall.etcd.EtcdContext}. {@link dev.rollcall.etcd.EtcdOptions} is the URL; {@link dev.rollcall.etcd.KeySpace} maps keys to etcd's. All
 *       that has state runs on one thread, {@link dev.rollcall.etcd.IoLoop} (decision 0031).
 *   <li><b>An operation</b> enters at {@link dev.rollcall.etcd.Operations}. {@link dev.rollcall.etcd.TxnPlan} makes a transaction of it, {@link
 *       dev.rollcall.etcd.PagedListing} a list in pages; one request with its decoder is an {@link dev.rollcall.etcd.EtcdRequest}.
 *   <li><b>It is sent</b> by {@link dev.rollcall.etcd.RequestDispatcher}, which holds it back while no member can be used and decides what may be retried.
 *       {@link dev.rollcall.etcd.RequestBatcher} puts requests that wait into one transaction, each in the form that {@link dev.rollcall.etcd.BatchForm} describes;
 *       {@link dev.rollcall.etcd.EtcdTransport} sends a request once, and {@link dev.rollcall.etcd.UnaryCall} is the call on the wire. Each of these knows only those after it.
 *   <li><b>The reply</b> comes on the loop; {@link dev.rollcall.etcd.EtcdErrors} is the one place where statuses become exceptions. The future completes on
 *       a callback thread.
 *   <li><b>A member</b> is chosen by {@link dev.rollcall.etcd.MemberSelector}, which connects by {@link dev.rollcall.etcd.MemberConnection} and asks by {@link
 *       dev.rollcall.etcd.Probe} whether it serves. {@link dev.rollcall.etcd.ConnectionEvents} reports each connection, found or lost, to the other parts and to the log.
 *   <li><b>A change comes in</b> at {@link dev.rollcall.etcd.WatchStream}; {@link dev.rollcall.etcd.WatchFeed} takes it for one watch, and the mailbox that
 *       {@link dev.rollcall.etcd.WatchDispatcher} made hands it to the listener. {@link dev.rollcall.etcd.WatchCursor} is the last revision of a
 *       watch, after which it is resumed. {@link dev.rollcall.etcd.HistoryDelivery} is the mailbox of a watch of history, {@link
 *       dev.rollcall.etcd.DurableStream} what opens a stream again that has ended.
 *   <li><b>A lease</b> is granted by {@link dev.rollcall.etcd.Leases}, kept by {@link dev.rollcall.etcd.KeepAlive}, and ended by {@link
 *       dev.rollcall.etcd.Revoker}. {@code Leases} also says how long the end of a handle waits for revocations.
 *   <li><b>A host's own settings</b> are honoured by {@link dev.rollcall.etcd.Interceptors} and {@link dev.rollcall.etcd.OwnTls}; certificates that the URL
 *       names are read by {@link dev.rollcall.etcd.TlsFiles} and {@link dev.rollcall.etcd.PemKey}.
 *   <li><b>A diagnosis</b> is made by {@link dev.rollcall.etcd.EtcdDiagnoser}, of what {@link dev.rollcall.etcd.StoreReport} combines.
 * </ol>
 */
@NullMarked
package dev.rollcall.etcd;

import org.jspecify.annotations.NullMarked;
