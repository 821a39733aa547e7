package dev.rollcall.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rollcall.kv.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.util.UrlEncoded;
import org.jspecify.annotations.Nullable;

/** Takes a request to what answers it, if it may be answered. */
/* Concurrency: immutable; called by any thread of the server. */
final class ConsoleHandler extends Handler.Abstract {
    /** A value at its limit, in base64, and the rest. */
    private static final int LONGEST_BODY = 1024 * 1024;

    private static final String TOKEN = "token";

    private final AccessControl access;
    private final PageFiles files = new PageFiles();
    private final Api api;

    ConsoleHandler(AccessControl access, Api api) {
        this.access = access;
        this.api = api;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Replies.secure(response);
        try {
            answer(request, response, callback);
        } catch (RuntimeException e) {
            Replies.failure(response, callback, e);
        }
        return true;
    }

    private void answer(Request request, Response response, Callback callback) {
        String refusal = access.refusal(request);
        if (refusal != null) {
            Replies.text(response, callback, 403, refusal);
            return;
        }
        String path = Request.getPathInContext(request);
        boolean reading =
                request.getMethod().equals("GET") || request.getMethod().equals("HEAD");
        if (path.equals("/login") && request.getMethod().equals("POST")) {
            login(request, response, callback);
        } else if (isPage(path) && reading && parameters(request).getValue(TOKEN) != null) {
            // No token stays in the address, from where it would get into the history.
            takeToken(parameters(request).getValue(TOKEN), response, callback);
        } else if (!path.startsWith("/api/")) {
            if (reading) {
                file(path.substring(1), request, response, callback);
            } else {
                Replies.text(response, callback, 405, "Only GET.");
            }
        } else if (!access.isAuthenticated(request)) {
            Replies.json(response, callback, 401, ConsoleJson.object().put("error", "This needs the console's token."));
        } else if (path.equals("/api/events") && reading) {
            events(request, response, callback);
        } else if (reading) {
            reply(response, callback, api.read(path.substring("/api/".length()), parameters(request)));
        } else if (request.getMethod().equals("POST")) {
            change(path.substring("/api/".length()), request, response, callback);
        } else {
            Replies.text(response, callback, 405, "Only GET and POST.");
        }
    }

    private static boolean isPage(String path) {
        return path.equals("/") || path.equals("/index.html");
    }

    private static Fields parameters(Request request) {
        return Request.extractQueryParameters(request, UTF_8);
    }

    // --- The token

    private void login(Request request, Response response, Callback callback) {
        Fields form = new Fields();
        UrlEncoded.decodeTo(new String(body(request), UTF_8), form::add, UTF_8);
        takeToken(form.getValue(TOKEN), response, callback);
    }

    private void takeToken(@Nullable String token, Response response, Callback callback) {
        if (!access.isTokenNeeded()) {
            redirect(response, callback, "./");
        } else if (token != null && access.isToken(token.strip())) {
            Response.addCookie(response, access.cookie());
            redirect(response, callback, "./");
        } else {
            redirect(response, callback, "./?refused");
        }
    }

    /** To the page, by a relative address: a proxy may have put a path before ours. Browsers keep what follows the '#'. */
    private static void redirect(Response response, Callback callback, String to) {
        response.setStatus(HttpStatus.SEE_OTHER_303);
        response.getHeaders().put(HttpHeader.LOCATION, to);
        response.write(true, ByteBuffer.allocate(0), callback);
    }

    // --- Files

    private void file(String name, Request request, Response response, Callback callback) {
        boolean page = isPage('/' + name);
        Optional<PageFiles.PageFile> found = files.find(page && !access.isAuthenticated(request) ? "login.html" : name);
        if (found.isEmpty()) {
            Replies.text(response, callback, 404, "There is no such page.");
            return;
        }
        PageFiles.PageFile file = found.get();
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-cache");
        response.getHeaders().put(HttpHeader.ETAG, file.tag());
        if (file.tag().equals(request.getHeaders().get(HttpHeader.IF_NONE_MATCH))) {
            response.setStatus(304);
            response.write(true, ByteBuffer.allocate(0), callback);
        } else {
            Replies.send(response, callback, 200, file.type(), file.bytes());
        }
    }

    // --- What changes

    private void events(Request request, Response response, Callback callback) {
        List<String> topics =
                Optional.ofNullable(parameters(request).getValues("topic")).orElse(List.of());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
        // Proxies that would wait for the end of the answer are asked not to.
        response.getHeaders().put("X-Accel-Buffering", "no");
        api.follow(new EventStream(response, callback, topics));
    }

    // --- Changes

    private void change(String what, Request request, Response response, Callback callback) {
        if (request.getHeaders().get(AccessControl.CHANGE_HEADER) == null) {
            Replies.json(
                    response,
                    callback,
                    403,
                    ConsoleJson.object()
                            .put("error", "A change carries the header " + AccessControl.CHANGE_HEADER + "."));
            return;
        }
        JsonNode json = ConsoleJson.read(Bytes.unsafeWrap(body(request)));
        if (json == null || !json.isObject()) {
            throw new IllegalArgumentException("What to change is a JSON object.");
        }
        reply(response, callback, api.change(what, json));
    }

    /** The whole body; waits for it, on a thread of the server's. */
    private static byte[] body(Request request) {
        long length = request.getLength();
        if (length < 0 || length > LONGEST_BODY) {
            throw new IllegalArgumentException(
                    "A request says how long it is, and has at most " + LONGEST_BODY + " bytes.");
        }
        try {
            return BufferUtil.toArray(Content.Source.asByteBuffer(request));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void reply(Response response, Callback callback, CompletableFuture<ObjectNode> reply) {
        reply.whenComplete((body, problem) -> {
            if (problem != null) {
                Replies.failure(response, callback, problem);
            } else {
                Replies.json(response, callback, 200, body);
            }
        });
    }
}
