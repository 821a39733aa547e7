package dev.rollcall.tck;

import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.Limits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Keys that have caused faults in stores, and texts that are no keys. */
final class KeyTexts {
    /** Each is a path below a directory. */
    static final List<String> ODD = List.of(
            " ",
            "a b",
            " lead",
            "trail ",
            "a+b",
            "%",
            "%2F",
            "%00",
            "a%2Fb",
            "...",
            "..a",
            "a..",
            ".a",
            "-",
            "--",
            "*",
            "?",
            "[a]",
            "{}",
            "a:b",
            "host:8250",
            "a;b",
            "a=b&c=d",
            "#",
            "@",
            "!",
            "~",
            "$",
            "\"",
            "'",
            "`",
            "\\",
            "\\n",
            "a\\b",
            "|",
            "<x>",
            "^",
            ",",
            "0",
            "-1",
            "null",
            "true",
            "A",
            "a",
            "\u00e9",
            "e\u0301",
            "\u00a0",
            "\u200f",
            "\u202e",
            "\ufeff",
            "\u2028",
            "\u4e2d\u6587",
            "\uffef",
            "\uf900",
            "\ud7ff",
            "\u0100",
            "\u07ff",
            "\u0800",
            "zz/zookeeper/config",
            "zz/lock-0000000001",
            "zz/quota/x",
            "k".repeat(507));

    /** Each with what the refusal must say. */
    static final Map<String, String> MALFORMED = malformed();

    private KeyTexts() {}

    private static Map<String, String> malformed() {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("", "must start with '/'");
        texts.put("a", "must start with '/'");
        texts.put("a/b", "must start with '/'");
        texts.put("/", "must not end with '/'");
        texts.put("/a/", "must not end with '/'");
        texts.put("//", "empty");
        texts.put("//a", "empty");
        texts.put("/a//b", "empty");
        texts.put("/.", "'.' and '..'");
        texts.put("/..", "'.' and '..'");
        texts.put("/a/./b", "'.' and '..'");
        texts.put("/a/../b", "'.' and '..'");
        texts.put("/a/..", "'.' and '..'");
        for (char c : new char[] {0, 1, '\t', '\n', 0x1f, 0x7f, 0x9f, 0xd800, 0xdfff, 0xe000, 0xf8ff, 0xfff0, 0xffff}) {
            texts.put("/a" + c + "b", String.format("U+%04X", (int) c));
        }
        // A character outside the basic plane is two surrogates.
        texts.put("/\ud83d\ude00", "U+D83D");
        texts.put("/" + "k".repeat(Limits.MAX_KEY_BYTES), "513 bytes");
        texts.put("/" + "\u4e2d".repeat(171), "514 bytes");
        return texts;
    }

    /** Distinct random keys of one to four segments, of any allowed characters. */
    static List<Key> random(Random random, Directory directory, int count) {
        List<Key> keys = new ArrayList<>();
        while (keys.size() < count) {
            StringBuilder path = new StringBuilder();
            int segments = 1 + random.nextInt(4);
            for (int i = 0; i < segments; i++) {
                path.append(i == 0 ? "" : "/").append((char) ('a' + random.nextInt(26)));
                int length = random.nextInt(12);
                for (int j = 0; j < length; j++) {
                    path.append(character(random));
                }
            }
            Key key = directory.key(path.toString());
            if (key.path().getBytes(StandardCharsets.UTF_8).length <= Limits.MAX_KEY_BYTES && !keys.contains(key)) {
                keys.add(key);
            }
        }
        return keys;
    }

    private static char character(Random random) {
        while (true) {
            char c = (char) (random.nextBoolean() ? 0x20 + random.nextInt(0x5f) : 0xa0 + random.nextInt(0xff50));
            boolean refused = c == '/' || (c >= 0xd800 && c <= 0xf8ff) || c >= 0xfff0;
            if (!refused) {
                return c;
            }
        }
    }
}
