package dev.rollcall.hosts.unmerged;

import dev.rollcall.kv.KvBackends;
import java.util.ArrayList;
import java.util.List;

/** Of the stores' service files one is left; for the others the error says what is missing, and why that may be. */
public final class UnmergedHost {
    private UnmergedHost() {}

    public static void main(String[] args) {
        List<String> errors = new ArrayList<>();
        for (String url : List.of("inmemory:x", "etcd://127.0.0.1:1/x", "zookeeper://127.0.0.1:1/x")) {
            try {
                KvBackends.open(url).close();
            } catch (IllegalArgumentException e) {
                System.out.println(e.getMessage());
                errors.add(e.getMessage());
            }
        }
        if (errors.size() != 2) {
            throw new IllegalStateException("Two stores should be missing: " + errors);
        }
        for (String error : errors) {
            if (!error.contains("dev.rollcall:registry-") || !error.contains("META-INF/services")) {
                throw new IllegalStateException("The way out is not in: " + error);
            }
        }
    }
}
