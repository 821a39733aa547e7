package dev.rollcall.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A site that is not the console's, on another port of this machine: an empty page, and a note of all that was asked of it. */
final class ForeignSite implements AutoCloseable {
    private final HttpServer server;
    private final Queue<String> asked = new ConcurrentLinkedQueue<>();

    ForeignSite() throws IOException {
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        if (!path.equals("/favicon.ico")) {
            asked.add(path);
        }
        boolean script = path.endsWith(".js");
        byte[] body = (script ? "window.broken = 'foreign';" : "<!doctype html><title>Foreign</title><body></body>")
                .getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", script ? "text/javascript" : "text/html");
        exchange.getResponseHeaders().set("Access-Control-Allow-Origin", "*");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    /** Its page, under one of the names of this machine. */
    URI url(String host) {
        return URI.create("http://" + host + ":" + server.getAddress().getPort() + "/");
    }

    List<String> asked() {
        return List.copyOf(asked);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
