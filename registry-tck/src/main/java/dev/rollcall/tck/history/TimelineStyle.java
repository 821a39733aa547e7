package dev.rollcall.tck.history;

/** The looks of a {@link Timeline}. */
final class TimelineStyle {
    static final String HEAD = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>History</title><style>
            body { font: 14px/1.5 system-ui, sans-serif; color: #1f2430; background: #fff; margin: 24px; }
            h1 { font-size: 20px; margin: 0; }
            p { margin: 2px 0; } .sum { color: #606878; }
            ol { max-height: 16em; overflow: auto; padding-left: 24px; max-width: 120ch; }
            ol b { color: #b3261e; }
            .legend { margin: 12px 0 8px; } .legend span { margin-right: 16px; white-space: nowrap; }
            .legend i { display: inline-block; width: 14px; height: 12px; border-radius: 3px; margin-right: 5px;
                vertical-align: -1px; }
            .legend i.dot { border-radius: 50%; width: 10px; height: 10px; }
            .scroll { overflow-x: auto; border: 1px solid #d9dde5; border-radius: 6px; }
            svg text { font: 10px ui-monospace, monospace; fill: #1f2430; pointer-events: none; }
            svg .lane { font: 600 13px system-ui, sans-serif; } svg .watching { fill: #606878; }
            svg .axis { fill: #606878; text-anchor: middle; }
            .tick { stroke: #eef0f4; } .rule { stroke: #d9dde5; }
            rect { stroke-width: 1; }
            .write rect { fill: #a8d5ba; stroke: #4c9a6a; } .read rect { fill: #b9d3f2; stroke: #5a8fd0; }
            .failed rect { fill: #e3e6ec; stroke: #9aa2b1; } .doubt rect { fill: #f6dc9a; stroke: #c99a25; }
            .bad rect { stroke: #d21f15; stroke-width: 3; }
            .watch line { stroke: #8c7ab8; stroke-width: 2; } .watch.bad line { stroke: #d21f15; stroke-width: 3; }
            .whole { fill: #5b3fa8; } .delta { fill: #fff; stroke: #5b3fa8; stroke-width: 2; }
            .end { fill: #1f2430; }
            .fault rect { fill: #d21f15; opacity: .1; stroke: none; } .fault text { fill: #b3261e; }
            </style></head><body>
            """;

    static final String LEGEND = """
            <div class="legend">
            <span><i style="background:#a8d5ba"></i>write</span><span><i style="background:#b9d3f2"></i>read</span>
            <span><i style="background:#e3e6ec"></i>failed for certain</span>
            <span><i style="background:#f6dc9a"></i>in doubt</span>
            <span><i style="background:#fff;outline:3px solid #d21f15"></i>involved in a violation</span>
            <span><i class="dot" style="background:#5b3fa8"></i>snapshot</span>
            <span><i class="dot" style="background:#fff;outline:2px solid #5b3fa8"></i>changes</span>
            <span><i class="dot" style="background:#1f2430"></i>end of a watch</span>
            <span><i style="background:#d21f15;opacity:.25"></i>fault</span>
            </div>
            """;

    private TimelineStyle() {}

    /** As much of an operation as a bar may have room for, the most telling first. */
    static String brief(Operation operation) {
        Call call = operation.call();
        String revision = operation.result().revisionOrNone() < 0
                ? ""
                : " @" + operation.result().revisionOrNone();
        if (call instanceof Call.Get get) {
            String value = operation.result() instanceof Result.Got got && got.entry() != null
                    ? got.entry().value()
                    : "absent";
            return get.key().name() + "=" + value + revision;
        } else if (call instanceof Call.Commit commit && commit.writes().size() == 1) {
            Edit write = commit.writes().get(0);
            String condition = commit.conditions().isEmpty() ? "" : "?";
            return write.key().name() + condition + (write.isDelete() ? " del" : ":=" + write.value()) + revision;
        } else if (call instanceof Call.Commit commit) {
            return "txn " + commit.writes().size() + revision;
        } else if (call instanceof Call.Entries) {
            return "list" + revision;
        }
        return (call instanceof Call.Keys ? "keys" : "children") + revision;
    }
}
