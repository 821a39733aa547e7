package dev.rollcall.cli.support;

import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Key;

/** How the answer to a write looks. */
public final class Commits {
    private Commits() {}

    public static void show(Output output, Key key, String done, Commit commit) {
        if (output.isJson()) {
            output.json(node -> node.put("key", key.path()).put("done", done).put("revision", commit.revision()));
        } else {
            output.line(PlainText.of(key.path()) + " " + done + " at revision " + commit.revision());
        }
    }
}
