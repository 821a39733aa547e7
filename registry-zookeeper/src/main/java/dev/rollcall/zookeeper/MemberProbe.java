package dev.rollcall.zookeeper;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Finds out why a member cannot be used. ZooKeeper's client knows, but writes it to its log with a stack trace at each attempt and tells nobody;
 * so once it has failed, members are tried in its place until one answers.
 *
 * <p>The question is ZooKeeper's command {@code srvr}, which servers answer by default. Any answer that does not say otherwise, a refusal of the
 * command for example, is good enough for the client to try.
 */
final class MemberProbe {
    private static final byte[] QUESTION = "srvr".getBytes(US_ASCII);
    private static final String SERVES_NOBODY = "not currently serving";
    private static final int ENOUGH_BYTES = 1024;

    /* Concurrency: immutable. */
    private final @Nullable SSLContext tls;
    private final boolean verifiesHost;

    /**
     * A probe.
     *
     * @param tls how to connect by TLS, or null to connect without
     * @param verifiesHost whether the server's certificate must name its host
     */
    MemberProbe(@Nullable SSLContext tls, boolean verifiesHost) {
        this.tls = tls;
        this.verifiesHost = verifiesHost;
    }

    /** Why the member cannot be used, in a clause, or null if it seems that it can. Takes no longer than twice this. */
    @Nullable
    String fault(InetSocketAddress member, int patienceMillis) {
        if (member.isUnresolved()) {
            return "its name is not known";
        }
        try (Socket plain = new Socket()) {
            plain.connect(member, patienceMillis);
            plain.setSoTimeout(patienceMillis);
            if (tls == null) {
                return ask(plain);
            }
            return askSecurely(tls, plain, member);
        } catch (SocketTimeoutException e) {
            return "it has not answered within " + patienceMillis + " ms"
                    + (tls == null ? "; it may hang, or take only TLS" : "");
        } catch (SSLException e) {
            return "TLS: " + e.getMessage();
        } catch (ConnectException e) {
            return "no connection (" + e.getMessage() + ")";
        } catch (IOException e) {
            return "the connection broke (" + e.getMessage() + ")" + brokenBy();
        }
    }

    /**
     * What may have broken a connection without a word. A server tells by a TLS alert that it refuses the client's certificate, but closes at once:
     * with TLS 1.3 the client has finished its handshake by then and is writing, and a reset then takes the alert with it (RFC 8446, appendix
     * A: the client may send from the state CONNECTED on, before the server has seen its certificate).
     */
    private String brokenBy() {
        return tls == null ? "" : "; if by TLS, the server may refuse this client's certificate, or require one";
    }

    private @Nullable String askSecurely(SSLContext context, Socket plain, InetSocketAddress member)
            throws IOException {
        try (SSLSocket secure = (SSLSocket)
                context.getSocketFactory().createSocket(plain, member.getHostString(), member.getPort(), true)) {
            if (verifiesHost) {
                SSLParameters parameters = secure.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                secure.setSSLParameters(parameters);
            }
            secure.startHandshake();
            return ask(secure);
        }
    }

    private @Nullable String ask(Socket socket) throws IOException {
        socket.getOutputStream().write(QUESTION);
        socket.getOutputStream().flush();
        String answer = new String(socket.getInputStream().readNBytes(ENOUGH_BYTES), US_ASCII);
        if (answer.isEmpty()) {
            return "it closed the connection without an answer; it may have more connections from this host than its"
                    + " maxClientCnxns allows"
                    + (tls == null ? ", or take only TLS" : brokenBy());
        }
        return answer.contains(SERVES_NOBODY) ? "it serves nobody, as a member without a majority" : null;
    }
}
