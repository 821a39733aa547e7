package dev.rollcall.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URISyntaxException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpCookie;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Refuses requests that are not allowed: those for a host name that is not ours (DNS rebinding), requests of other pages (cross-site
 * requests), and requests without the token, if there is one.
 */
/* Concurrency: immutable. */
final class AccessControl {
    /** What a change has to carry. A page of elsewhere cannot set it without asking first, which is never allowed. */
    static final String CHANGE_HEADER = "X-Rollcall-Console";

    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");

    private final Set<String> hosts;
    private final @Nullable String token;

    /** What a browser that has shown the token sends instead of it; another at each start. */
    private final String session;

    private final String cookieName;
    private final boolean secure;

    AccessControl(Set<String> hosts, @Nullable String token, int port, boolean secure) {
        this.hosts = hosts;
        this.token = token;
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        this.session = HexFormat.of().formatHex(random);
        // Cookies are shared by all ports of a host.
        this.cookieName = "rollcall-console-" + port;
        this.secure = secure;
    }

    /** Why a request is refused whoever sends it, or null. */
    @Nullable
    String refusal(Request request) {
        String host = request.getHeaders().get(HttpHeader.HOST);
        if (host == null || !isOurs(host)) {
            return "The host '" + (host == null ? "" : host)
                    + "' is not known here; --host, or ConsoleOptions.host, adds a name.";
        }
        String site = request.getHeaders().get("Sec-Fetch-Site");
        boolean navigation = "navigate".equals(request.getHeaders().get("Sec-Fetch-Mode"));
        boolean foreign = "cross-site".equals(site) || "same-site".equals(site);
        if (foreign && !(navigation && request.getMethod().equals("GET"))) {
            return "Requests of other pages are not answered.";
        }
        String origin = request.getHeaders().get(HttpHeader.ORIGIN);
        if (origin != null && !isOurOrigin(origin, host)) {
            return "Requests of other pages, here '" + origin + "', are not answered.";
        }
        return null;
    }

    /** Whether the page that asks is ours: from the host that it asks, or from a known name, where a proxy has put a host of its own in place of that. */
    private boolean isOurOrigin(String origin, String host) {
        try {
            String authority = new URI(origin).getAuthority();
            return authority != null
                    && (authority.equalsIgnoreCase(host) || hosts.contains(authority.toLowerCase(Locale.ROOT)));
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /** An address cannot be made to lead elsewhere, as a name can. */
    private boolean isOurs(String authority) {
        String host = authority.toLowerCase(Locale.ROOT);
        String name = host.replaceFirst(":[0-9]*$", "");
        return hosts.contains(host)
                || hosts.contains(name)
                || name.equals("localhost")
                || (name.startsWith("[") && name.endsWith("]"))
                || IPV4.matcher(name).matches();
    }

    boolean isTokenNeeded() {
        return token != null;
    }

    /** Whether the request shows the token, in a header, or the cookie that was given for it. */
    boolean isAuthenticated(Request request) {
        if (token == null) {
            return true;
        }
        String authorization = request.getHeaders().get(HttpHeader.AUTHORIZATION);
        if (authorization != null && authorization.startsWith("Bearer ")) {
            return isToken(authorization.substring("Bearer ".length()));
        }
        return Request.getCookies(request).stream()
                .anyMatch(cookie -> cookie.getName().equals(cookieName) && same(cookie.getValue(), session));
    }

    /** Whether a text is the token. Takes as long whatever it is. */
    boolean isToken(@Nullable String text) {
        return token != null && text != null && same(text, token);
    }

    private static boolean same(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(UTF_8), other.getBytes(UTF_8));
    }

    /** For whoever has shown the token: out of reach of scripts, and never sent by other pages. */
    HttpCookie cookie() {
        return HttpCookie.build(cookieName, session)
                .httpOnly(true)
                .secure(secure)
                .sameSite(HttpCookie.SameSite.STRICT)
                .path("/")
                .build();
    }
}
