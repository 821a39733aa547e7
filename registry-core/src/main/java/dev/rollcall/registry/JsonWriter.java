package dev.rollcall.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rollcall.kv.Bytes;
import java.io.ByteArrayOutputStream;

/** Writes JSON as Go's {@code encoding/json} does (1.19, with its default HTML escaping). */
final class JsonWriter {
    private static final byte[] HEX = "0123456789abcdef".getBytes(UTF_8);

    private final ByteArrayOutputStream out = new ByteArrayOutputStream(256);

    JsonWriter raw(String ascii) {
        out.writeBytes(ascii.getBytes(UTF_8));
        return this;
    }

    JsonWriter raw(Bytes bytes) {
        out.writeBytes(bytes.toByteArray());
        return this;
    }

    JsonWriter string(String text) {
        out.write('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.write('\\');
                out.write(c);
            } else if (c == '\n' || c == '\r' || c == '\t') {
                out.write('\\');
                out.write(c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
            } else if (c < 0x20 || c == '<' || c == '>' || c == '&' || c == '\u2028' || c == '\u2029') {
                escaped(c);
            } else if (c < 0x80) {
                out.write(c);
            } else if (!Character.isSurrogate(c)) {
                out.writeBytes(String.valueOf(c).getBytes(UTF_8));
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                out.writeBytes(text.substring(i, i + 2).getBytes(UTF_8));
                i++;
            } else {
                // What Go cannot decode it writes escaped; a U+FFFD that was in the text all along it writes plainly.
                escaped('\uFFFD');
            }
        }
        out.write('"');
        return this;
    }

    private void escaped(char c) {
        out.write('\\');
        out.write('u');
        for (int shift = 12; shift >= 0; shift -= 4) {
            out.write(HEX[c >> shift & 0xF]);
        }
    }

    Bytes toBytes() {
        return Bytes.unsafeWrap(out.toByteArray());
    }
}
