/** Verbs for nodes: TiDB Binlog's and an application's own. */
@NullMarked
package dev.rollcall.cli.nodes;

import org.jspecify.annotations.NullMarked;
