package dev.rollcall.console;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The HTTP server, on one address. */
final class WebServer implements AutoCloseable {
    private static final int THREADS = 12;
    private static final Duration IDLE = Duration.ofSeconds(60);

    private final Server server;
    private final ServerConnector connector;
    private final boolean secure;

    WebServer(ConsoleOptions options) {
        QueuedThreadPool threads = new QueuedThreadPool(THREADS, 2);
        threads.setName("rollcall-console-http");
        threads.setDaemon(true);
        this.server = new Server(threads);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendDateHeader(false);
        Path certificate = options.certificate();
        Path key = options.privateKey();
        this.secure = certificate != null && key != null;
        HttpConnectionFactory plain = new HttpConnectionFactory(http);
        if (certificate != null && key != null) {
            SslContextFactory.Server tls = new SslContextFactory.Server();
            tls.setSslContext(Certificates.context(certificate, key));
            // What the browser sees is a name of the proxy's or the operator's choice; AccessControl checks it.
            http.addCustomizer(new SecureRequestCustomizer(false));
            this.connector = new ServerConnector(server, 0, 1, new SslConnectionFactory(tls, "http/1.1"), plain);
        } else {
            this.connector = new ServerConnector(server, 0, 1, plain);
        }
        connector.setHost(options.listen().getAddress().getHostAddress());
        connector.setPort(options.listen().getPort());
        connector.setIdleTimeout(IDLE.toMillis());
        server.addConnector(connector);
    }

    boolean isSecure() {
        return secure;
    }

    /** Takes the address, so that the port is known, and nobody is answered yet. */
    void bind() {
        try {
            connector.open();
        } catch (IOException e) {
            throw new UncheckedIOException(new IOException(
                    "The console cannot listen on " + connector.getHost() + ":" + connector.getPort() + ": "
                            + e.getMessage() + ". --listen, or ConsoleOptions.listen, takes another address.",
                    e));
        }
    }

    InetSocketAddress address() {
        return new InetSocketAddress(connector.getHost(), connector.getLocalPort());
    }

    void start(Handler handler) {
        server.setHandler(handler);
        try {
            server.start();
        } catch (Exception e) {
            throw new IllegalStateException("The console's HTTP server has not started.", e);
        }
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("The console's HTTP server has not stopped.", e);
        } finally {
            connector.close();
        }
    }
}
