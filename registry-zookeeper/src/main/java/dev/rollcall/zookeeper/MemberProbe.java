package dev.rollcall.zookeeper;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Finds out why a member cannot be used. ZooKeeper's client only logs the reason, with a stack trace at each attempt. So once an attempt has failed,
 * members are asked by this class until one answers.
 *
 * <p>The question is ZooKeeper's command {@code srvr}, which servers answer by default. Any answer that does not say otherwise, a refusal of the
 * command for example, is good enough for the client to try.
 */
final class MemberProbe {
    private static final byte[] QUESTION = "srvr".getBytes(US_ASCII);
    private static final String SERVES_NOBODY = "not currently serving";
    private static final Pattern VERSION = Pattern.compile("^Zookeeper version: ([^-,\\s]+)", Pattern.MULTILINE);
    private static final Pattern MODE = Pattern.compile("^Mode: (\\S+)\\s*$", Pattern.MULTILINE);
    private static final Pattern ZXID = Pattern.compile("^Zxid: 0x([0-9a-f]{1,16})\\s*$", Pattern.MULTILINE);
    private static final int ENOUGH_BYTES = 1024;
    /** Of a member that has not told its last transaction. */
    static final long UNTOLD = -1;

    /**
     * The present certificates. The client reads its stores for each connection, so a probe with older ones would report faults that the client does not
     * have.
     */
    interface Certificates {
        /** Reads the stores anew. */
        SSLContext context() throws SSLException;
    }

    /* Concurrency: immutable. */
    private final @Nullable Certificates tls;
    private final boolean verifiesHost;

    /**
     * A probe.
     *
     * @param tls how to connect by TLS, or null to connect without
     * @param verifiesHost whether the server's certificate must name its host
     */
    MemberProbe(@Nullable Certificates tls, boolean verifiesHost) {
        this.tls = tls;
        this.verifiesHost = verifiesHost;
    }

    /**
     * What a member has answered.
     *
     * @param fault why it cannot be used, in a clause, or null if it seems that it can
     * @param zxid the last transaction that it has, or {@link #UNTOLD}
     * @param answered whether it has answered at all
     * @param version its version, or null if it has not told it
     * @param mode what it does in its ensemble, such as {@code leader}, or null if it has not told it
     */
    record Finding(
            @Nullable String fault,
            long zxid,
            boolean answered,
            @Nullable String version,
            @Nullable String mode) {
        /** Of a member that was not asked. */
        static final Finding WELL = new Finding(null, UNTOLD, false, null, null);

        static Finding faulty(String fault) {
            return new Finding(fault, UNTOLD, false, null, null);
        }
    }

    /** Asks a member, for no longer than twice this. */
    Finding ask(InetSocketAddress member, int patienceMillis) {
        if (member.isUnresolved()) {
            return Finding.faulty("its name is not known");
        }
        try (Socket plain = new Socket()) {
            plain.connect(member, patienceMillis);
            plain.setSoTimeout(patienceMillis);
            if (tls == null) {
                return ask(plain);
            }
            return askSecurely(tls.context(), plain, member);
        } catch (SocketTimeoutException e) {
            return Finding.faulty("it has not answered within " + patienceMillis + " ms"
                    + (tls == null ? "; it may hang, or take only TLS" : ""));
        } catch (SSLException e) {
            return Finding.faulty("TLS: " + e.getMessage());
        } catch (ConnectException e) {
            return Finding.faulty("no connection (" + e.getMessage() + ")");
        } catch (IOException e) {
            return Finding.faulty("the connection broke (" + e.getMessage() + ")" + brokenBy());
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

    private Finding askSecurely(SSLContext context, Socket plain, InetSocketAddress member) throws IOException {
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

    private Finding ask(Socket socket) throws IOException {
        socket.getOutputStream().write(QUESTION);
        socket.getOutputStream().flush();
        String answer = new String(socket.getInputStream().readNBytes(ENOUGH_BYTES), US_ASCII);
        if (answer.isEmpty()) {
            return Finding.faulty(
                    "it closed the connection without an answer; it may have more connections from this host than its"
                            + " maxClientCnxns allows"
                            + (tls == null ? ", or take only TLS" : brokenBy()));
        }
        if (answer.contains(SERVES_NOBODY)) {
            return new Finding("it serves nobody, as a member without a majority", UNTOLD, true, null, null);
        }
        String zxid = first(ZXID, answer);
        return new Finding(
                null,
                zxid == null ? UNTOLD : Long.parseUnsignedLong(zxid, 16),
                true,
                first(VERSION, answer),
                first(MODE, answer));
    }

    private static @Nullable String first(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group(1) : null;
    }
}
