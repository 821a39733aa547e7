package dev.rollcall.jetcd;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The members that a target of jetcd names.
 *
 * @param members each {@code host:port}, or {@code host} for etcd's own port
 * @param authority what the target calls all of them, or null
 */
record Target(List<String> members, @Nullable String authority) {
    private static final String END_OF_SCHEME = "://";

    /**
     * Reads a target.
     *
     * @param text as {@code ClientBuilder.target()} gives it, or null
     * @param secure whether TLS is spoken, on which the port of a DNS name depends that names none
     * @throws IllegalArgumentException if there is none, or it does not name its members
     */
    static Target of(@Nullable String text, boolean secure) {
        if (text == null) {
            throw new IllegalArgumentException(
                    "The ClientBuilder names no member; set endpoints, such as http://localhost:2379.");
        }
        int end = text.indexOf(END_OF_SCHEME);
        if (end < 0) {
            return new Target(members(text.startsWith("dns:") ? text.substring("dns:".length()) : text), null);
        }
        String rest = text.substring(end + END_OF_SCHEME.length());
        int slash = rest.indexOf('/');
        String before = slash < 0 ? rest : rest.substring(0, slash);
        String after = slash < 0 ? "" : rest.substring(slash + 1);
        switch (text.substring(0, end)) {
            case "ip":
                return new Target(members(after), before.isEmpty() ? null : before);
            case "http":
            case "https":
                return new Target(members(before), null);
            case "dns":
                if (!before.isEmpty()) {
                    throw refused(text, "names a DNS server of its own, and a store asks that of the machine");
                }
                return new Target(List.of(withPort(after, secure)), null);
            default:
                throw refused(text, "has to be resolved by jetcd or by gRPC, which a store does not do");
        }
    }

    private static List<String> members(String list) {
        return Stream.of(list.split(",")).filter(member -> !member.isEmpty()).toList();
    }

    /** A DNS name without a port is at that of the web to gRPC, unlike other targets. */
    private static String withPort(String member, boolean secure) {
        boolean named = member.lastIndexOf(':') > member.lastIndexOf(']');
        return named || member.isEmpty() ? member : member + (secure ? ":443" : ":80");
    }

    private static IllegalArgumentException refused(String text, String why) {
        return new IllegalArgumentException(
                "The target '" + text + "' of the ClientBuilder " + why + "; name the members by endpoints instead.");
    }
}
