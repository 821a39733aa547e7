package dev.rollcall.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rollcall.kv.AccessDeniedException;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvException;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How requests are answered: documents, failures, and the headers that all answers have. */
final class Replies {
    private static final Logger LOG = LoggerFactory.getLogger(Console.class);

    /** Scripts, styles and data are ours and in files; nothing comes from elsewhere, and nobody may put the page into a frame. */
    static final String CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src"
            + " 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    private Replies() {}

    static void secure(Response response) {
        HttpFields.Mutable headers = response.getHeaders();
        headers.put("Content-Security-Policy", CONTENT_SECURITY_POLICY);
        headers.put("X-Content-Type-Options", "nosniff");
        headers.put("X-Frame-Options", "DENY");
        headers.put("Cross-Origin-Opener-Policy", "same-origin");
        headers.put("Cross-Origin-Resource-Policy", "same-origin");
        // Not less: without an origin, a form of ours could not be told from a foreign one.
        headers.put("Referrer-Policy", "same-origin");
        headers.put(HttpHeader.CACHE_CONTROL, "no-store");
    }

    static void send(Response response, Callback callback, int status, String type, byte[] body) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        response.write(true, ByteBuffer.wrap(body), callback);
    }

    static void json(Response response, Callback callback, int status, ObjectNode body) {
        send(response, callback, status, "application/json", ConsoleJson.bytes(body));
    }

    static void text(Response response, Callback callback, int status, String body) {
        send(response, callback, status, "text/plain; charset=utf-8", (body + "\n").getBytes(UTF_8));
    }

    /** Answers with what went wrong; the message is for the page to show. */
    static void failure(Response response, Callback callback, Throwable problem) {
        Throwable cause = Futures.unwrap(problem);
        int status;
        ObjectNode body = ConsoleJson.object();
        body.put("error", cause.getMessage() == null ? cause.toString() : cause.getMessage());
        if (cause instanceof KvException known) {
            body.put("outcome", known.outcome().name().toLowerCase(Locale.ROOT));
            body.put("retryable", known.isRetryable());
        }
        if (cause instanceof IllegalArgumentException || cause instanceof NullPointerException) {
            status = 400;
        } else if (cause instanceof AccessDeniedException || cause instanceof ReadOnlyException) {
            status = 403;
        } else if (cause instanceof ConditionFailedException) {
            status = 409;
        } else if (cause instanceof KvException) {
            status = 503;
        } else {
            status = 500;
            LOG.error("A request to the console has failed.", cause);
            body.put("error", "A fault in the console; its log says more.");
        }
        json(response, callback, status, body);
    }
}
