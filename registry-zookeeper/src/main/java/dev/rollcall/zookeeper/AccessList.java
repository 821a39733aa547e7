package dev.rollcall.zookeeper;

import java.util.ArrayList;
import java.util.List;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;

/**
 * The permissions of created nodes, as an option tells them: {@code open}, {@code creator}, {@code creator-world-read}, or a list such as
 * {@code digest:ops:hash:cdrwa,world:anyone:r}.
 */
final class AccessList {
    private static final String LETTERS = "rwcda";
    private static final int MOST = 4;
    private static final int LONGEST_ID = 128;

    private AccessList() {}

    /** @throws IllegalArgumentException if the text is none of these */
    static List<ACL> parse(String text) {
        switch (text) {
            case "open":
                return List.copyOf(Ids.OPEN_ACL_UNSAFE);
            case "creator":
                return List.copyOf(Ids.CREATOR_ALL_ACL);
            case "creator-world-read":
                return List.of(Ids.CREATOR_ALL_ACL.get(0), Ids.READ_ACL_UNSAFE.get(0));
            default:
                return list(text);
        }
    }

    private static List<ACL> list(String text) {
        List<ACL> entries = new ArrayList<>();
        for (String entry : text.split(",", -1)) {
            entries.add(entry(entry));
        }
        if (entries.size() > MOST) {
            throw refused("it has " + entries.size() + " entries, more than " + MOST);
        }
        return List.copyOf(entries);
    }

    private static ACL entry(String entry) {
        int first = entry.indexOf(':');
        int last = entry.lastIndexOf(':');
        if (first <= 0 || last == first || last == entry.length() - 1) {
            throw refused("each entry must be written scheme:id:permissions");
        }
        String id = entry.substring(first + 1, last);
        if (id.length() > LONGEST_ID) {
            throw refused("an id is longer than " + LONGEST_ID + " characters");
        }
        return new ACL(permissions(entry.substring(last + 1)), new Id(entry.substring(0, first), id));
    }

    private static int permissions(String letters) {
        int permissions = 0;
        for (char letter : letters.toCharArray()) {
            int bit = LETTERS.indexOf(letter);
            if (bit < 0) {
                throw refused("permissions are letters out of '" + LETTERS + "'");
            }
            permissions |= new int[] {Perms.READ, Perms.WRITE, Perms.CREATE, Perms.DELETE, Perms.ADMIN}[bit];
        }
        return permissions;
    }

    /** The text is not shown, since digests are secrets of a kind. */
    private static IllegalArgumentException refused(String rule) {
        return new IllegalArgumentException("The option 'acl' must be open, creator, creator-world-read or a list of"
                + " entries, but " + rule + ".");
    }
}
