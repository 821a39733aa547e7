package dev.rollcall.cli;

import java.util.Arrays;
import java.util.List;

/**
 * Several commands in one process, each in a thread of its own as if it were alone: a signal tells all of them to end, and the process ends once they have. A
 * process for each would prove the same, and take as long to start as all the rest.
 */
final class SignalProgram {
    /** Stands between two commands. */
    static final String NEXT = ";;";

    private SignalProgram() {}

    public static void main(String[] args) {
        List<String> words = Arrays.asList(args);
        while (!words.isEmpty()) {
            int end = words.contains(NEXT) ? words.indexOf(NEXT) : words.size();
            String[] command = words.subList(0, end).toArray(String[]::new);
            new Thread(() -> Main.main(command), command[0]).start();
            words = words.subList(Math.min(end + 1, words.size()), words.size());
        }
    }
}
