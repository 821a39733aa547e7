package dev.rollcall.registry;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.rollcall.kv.Bytes;
import java.util.Arrays;

/**
 * Reads JSON from bytes the way Go's {@code encoding/json} does: the same grammar, and malformed UTF-8 or a lone surrogate becomes U+FFFD.
 * Written by hand because a general parser neither keeps unknown values byte for byte nor agrees with Go on malformed text.
 *
 * <p>Depth is bounded; time and memory are linear in the input, which the caller bounds.
 */
final class JsonScanner {
    private static final int MOST_DEPTH = 64;
    private static final char REPLACEMENT = '\uFFFD';

    private final byte[] bytes;
    private int at;
    private int depth;

    JsonScanner(byte[] bytes) {
        this.bytes = bytes;
    }

    NodeFormatException malformed(String what) {
        return new NodeFormatException("it is not valid JSON: " + what + " at byte " + at);
    }

    int position() {
        return at;
    }

    Bytes slice(int from, int to) {
        return Bytes.unsafeWrap(Arrays.copyOfRange(bytes, from, to));
    }

    /** The next byte that is not white space, not consumed; -1 at the end. */
    int peek() {
        while (at < bytes.length && (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\t')) {
            at++;
        }
        return at < bytes.length ? bytes[at] & 0xFF : -1;
    }

    /** Whether the next token is this byte; consumes it if so. */
    boolean take(char token) {
        if (peek() != token) {
            return false;
        }
        at++;
        return true;
    }

    void expect(char token) {
        if (!take(token)) {
            throw malformed("'" + token + "' is missing");
        }
    }

    void expectEnd() {
        if (peek() >= 0) {
            throw malformed("there is more after the document");
        }
    }

    /** Consumes {@code null} if it is the next token. */
    boolean takeNull() {
        if (peek() != 'n') {
            return false;
        }
        literal("null");
        return true;
    }

    boolean readBoolean(String field) {
        if (peek() == 't') {
            literal("true");
            return true;
        }
        if (peek() == 'f') {
            literal("false");
            return false;
        }
        throw wrongType(field, "true or false");
    }

    /** A number without fraction or exponent, as Go demands for an {@code int64}. */
    long readLong(String field) {
        int next = peek();
        if (next != '-' && !isDigit(next)) {
            throw wrongType(field, "a whole number");
        }
        int start = at;
        skipNumber();
        String text = new String(bytes, start, at - start, US_ASCII);
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new NodeFormatException("the field '" + field + "' is not a whole number of 64 bits");
        }
    }

    String readString(String field) {
        if (peek() != '"') {
            throw wrongType(field, "a string");
        }
        return string();
    }

    private NodeFormatException wrongType(String field, String expected) {
        skipValue();
        return new NodeFormatException("the field '" + field + "' is not " + expected);
    }

    /** Consumes a string, escapes resolved. */
    String string() {
        expect('"');
        StringBuilder text = new StringBuilder();
        while (true) {
            if (at >= bytes.length) {
                throw malformed("a string does not end");
            }
            int b = bytes[at] & 0xFF;
            if (b == '"') {
                at++;
                return text.toString();
            } else if (b == '\\') {
                at++;
                escape(text);
            } else if (b < 0x20) {
                throw malformed("a control character stands unescaped in a string");
            } else if (b < 0x80) {
                text.append((char) b);
                at++;
            } else {
                multibyte(b, text);
            }
        }
    }

    private void escape(StringBuilder text) {
        int b = at < bytes.length ? bytes[at] : -1;
        int simple = "\"\\/bfnrt".indexOf(b);
        if (b >= 0 && simple >= 0) {
            at++;
            text.append("\"\\/\b\f\n\r\t".charAt(simple));
            return;
        }
        if (b != 'u') {
            throw malformed("an escape is not known");
        }
        at++;
        char unit = hex();
        if (!Character.isSurrogate(unit)) {
            text.append(unit);
            return;
        }
        int mark = at;
        if (Character.isHighSurrogate(unit) && at + 1 < bytes.length && bytes[at] == '\\' && bytes[at + 1] == 'u') {
            at += 2;
            char low = hex();
            if (Character.isLowSurrogate(low)) {
                text.append(unit).append(low);
                return;
            }
            at = mark;
        }
        text.append(REPLACEMENT);
    }

    private char hex() {
        int unit = 0;
        for (int i = 0; i < 4; i++, at++) {
            int digit = at < bytes.length && bytes[at] > 0 ? Character.digit((char) bytes[at], 16) : -1;
            if (digit < 0) {
                throw malformed("an escape lacks its four hexadecimal digits");
            }
            unit = unit << 4 | digit;
        }
        return (char) unit;
    }

    /** One code point, or U+FFFD for one byte that does not begin a well-formed one. */
    private void multibyte(int first, StringBuilder text) {
        int length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        int point = first & (0x7F >> length);
        boolean wellFormed = first >= 0xC2 && first <= 0xF4 && at + length <= bytes.length;
        for (int i = 1; wellFormed && i < length; i++) {
            int next = bytes[at + i] & 0xFF;
            wellFormed = (next & 0xC0) == 0x80;
            point = point << 6 | next & 0x3F;
        }
        boolean overlong = length == 3 && point < 0x800 || length == 4 && point < 0x10000;
        if (!wellFormed || overlong || point > 0x10FFFF || point >= 0xD800 && point <= 0xDFFF) {
            text.append(REPLACEMENT);
            at++;
        } else {
            text.appendCodePoint(point);
            at += length;
        }
    }

    /** Goes one level deeper, for each array or object that is entered. */
    void enter() {
        if (++depth > MOST_DEPTH) {
            throw new NodeFormatException("it is nested deeper than " + MOST_DEPTH + " levels");
        }
    }

    void leave() {
        depth--;
    }

    /** Consumes any value, checking its syntax. */
    void skipValue() {
        int next = peek();
        if (next == '{' || next == '[') {
            skipContainer(next == '{');
        } else if (next == '"') {
            string();
        } else if (next == '-' || isDigit(next)) {
            skipNumber();
        } else if (next == 't') {
            literal("true");
        } else if (next == 'f') {
            literal("false");
        } else if (next == 'n') {
            literal("null");
        } else {
            throw malformed("a value is missing");
        }
    }

    private void skipContainer(boolean object) {
        at++;
        enter();
        char end = object ? '}' : ']';
        if (!take(end)) {
            do {
                if (object) {
                    peek();
                    string();
                    expect(':');
                }
                skipValue();
            } while (take(','));
            expect(end);
        }
        leave();
    }

    private void skipNumber() {
        if (bytes[at] == '-') {
            at++;
        }
        if (at < bytes.length && bytes[at] == '0') {
            at++;
        } else {
            digits();
        }
        if (at < bytes.length && bytes[at] == '.') {
            at++;
            digits();
        }
        if (at < bytes.length && (bytes[at] | 0x20) == 'e') {
            at++;
            if (at < bytes.length && (bytes[at] == '+' || bytes[at] == '-')) {
                at++;
            }
            digits();
        }
    }

    private void digits() {
        int start = at;
        while (at < bytes.length && isDigit(bytes[at])) {
            at++;
        }
        if (start == at) {
            throw malformed("a digit is missing");
        }
    }

    private void literal(String text) {
        for (int i = 0; i < text.length(); i++, at++) {
            if (at >= bytes.length || bytes[at] != text.charAt(i)) {
                throw malformed("a literal is misspelt");
            }
        }
    }

    private static boolean isDigit(int b) {
        return b >= '0' && b <= '9';
    }
}
