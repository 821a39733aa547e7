package dev.rollcall.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Options of the store that stand before the verb, as {@code etcdctl --endpoints} and {@code kubectl --context} do. Each verb has them as its own, so
 * they are moved behind it: {@code rollcall --backend URL get /a} is {@code rollcall get /a --backend URL}.
 */
final class StoreOptionsFirst {
    /** Options of {@link dev.rollcall.cli.support.StoreOptions}; each takes a value. */
    private static final Set<String> NAMES =
            Set.of("-b", "--backend", "--context", "--password-file", "-t", "--timeout");

    private StoreOptionsFirst() {}

    /** {@code args} with the verb first; as they are if no option of the store comes before a verb. */
    static String[] behindVerb(String[] args) {
        int verb = 0;
        while (verb < args.length && args[verb].startsWith("-")) {
            if (NAMES.contains(args[verb])) {
                verb += 2;
            } else if (holdsItsValue(args[verb])) {
                verb++;
            } else {
                return args;
            }
        }
        if (verb == 0 || verb >= args.length) {
            return args;
        }
        List<String> options = List.of(args).subList(0, verb);
        List<String> ordered = new ArrayList<>(List.of(args).subList(verb, args.length));
        // What follows "--" is no option any more.
        int end = ordered.indexOf("--");
        ordered.addAll(end < 0 ? ordered.size() : end, options);
        return ordered.toArray(String[]::new);
    }

    private static boolean holdsItsValue(String arg) {
        int equals = arg.indexOf('=');
        return equals > 0 && NAMES.contains(arg.substring(0, equals))
                || arg.length() > 2 && arg.charAt(1) != '-' && NAMES.contains(arg.substring(0, 2));
    }
}
