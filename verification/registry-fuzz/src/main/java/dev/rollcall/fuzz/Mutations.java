package dev.rollcall.fuzz;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** An endless row of inputs, each a seed with some random changes; a function of the number that it starts from. */
final class Mutations {
    private static final int MOST_BYTES = 4_096;
    private static final byte[] TELLING = {
        0, 1, '\n', ' ', '"', '%', '/', ':', '?', '@', '[', '{', 0x7F, (byte) 0x80, -1
    };

    private final SplittableRandom random;
    private final List<byte[]> seeds = new ArrayList<>();
    private final List<byte[]> words;

    Mutations(long seed, List<byte[]> seeds, List<byte[]> words) {
        this.random = new SplittableRandom(seed);
        this.seeds.add(new byte[0]);
        this.seeds.addAll(seeds);
        this.words = List.copyOf(words);
    }

    byte[] next() {
        byte[] input = any(seeds);
        for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
            input = changed(input);
        }
        return input.length > MOST_BYTES ? part(input, 0, MOST_BYTES) : input;
    }

    private byte[] changed(byte[] input) {
        int at = random.nextInt(input.length + 1);
        int to = at + random.nextInt(input.length - at + 1);
        byte[] before = part(input, 0, at);
        byte[] middle = part(input, at, to);
        byte[] after = part(input, to, input.length);
        return switch (random.nextInt(words.isEmpty() ? 7 : 9)) {
            case 0 -> joined(before, after);
            case 1 -> before;
            case 2 -> joined(before, middle, middle, after);
            case 3 -> joined(before, randomBytes(1 + random.nextInt(8)), middle, after);
            case 4 -> joined(before, any(seeds), after);
            case 5 -> joined(before, new byte[] {TELLING[random.nextInt(TELLING.length)]}, middle, after);
            case 6 -> flipped(input);
            default -> joined(before, any(words), random.nextBoolean() ? middle : new byte[0], after);
        };
    }

    private byte[] flipped(byte[] input) {
        byte[] flipped = input.clone();
        if (flipped.length > 0) {
            flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return flipped;
    }

    private byte[] randomBytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private byte[] any(List<byte[]> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private static byte[] part(byte[] bytes, int from, int to) {
        byte[] part = new byte[to - from];
        System.arraycopy(bytes, from, part, 0, part.length);
        return part;
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
