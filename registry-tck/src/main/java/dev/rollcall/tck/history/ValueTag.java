package dev.rollcall.tck.history;

import dev.rollcall.kv.Bytes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What a history keeps of a value: the text itself where it is short and plain, otherwise a digest. */
final class ValueTag {
    private static final int PLAIN = 40;
    private static final int DIGEST = 8;

    private ValueTag() {}

    static String of(Bytes value) {
        String text = value.size() <= PLAIN ? value.utf8() : "";
        if (value.size() <= PLAIN && text.chars().allMatch(c -> c >= ' ' && c < 0x7f) && !text.startsWith("sha256:")) {
            return text;
        }
        byte[] digest = sha256().digest(value.toByteArray());
        return "sha256:" + HexFormat.of().formatHex(digest, 0, DIGEST) + ":" + value.size();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
        }
    }
}
