package dev.rollcall.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.OpResult.ErrorResult;
import org.apache.zookeeper.OpResult.GetDataResult;
import org.apache.zookeeper.data.Stat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Empty directories, some of which may not be deleted. */
class PrunerTest {
    private static final Layout LAYOUT = Layout.of("/d");

    private final RecordedWire wire = new RecordedWire();
    private final StoppedClock clock = new StoppedClock();
    private final Pruner pruner = new Pruner(LAYOUT, task -> task.run(wire.session), clock);

    @AfterEach
    void close() {
        wire.close();
    }

    /** Tells of empty directories, and returns those of them that the next sweep looks at, if there is one. */
    private List<String> sweep(String... directories) {
        pruner.suspect(List.of(directories));
        if (clock.due().isEmpty()) {
            return List.of();
        }
        clock.due().remove().run();
        return wire.sent.isEmpty()
                ? List.of()
                : wire.sent.element().ops().stream()
                        .map(Op::getPath)
                        .filter(LAYOUT::isBelowRoot)
                        .toList();
    }

    /** Shows directories that had children once, and refuses each deletion for the last of its operations. */
    private void refuse() {
        List<OpResult> nodes = new ArrayList<>();
        for (int i = 0; i < wire.sent.element().ops().size(); i++) {
            Stat stat = new Stat();
            stat.setCversion(2);
            nodes.add(new GetDataResult(null, stat));
        }
        wire.answer("read", new Reply(Code.OK, 1, true, true, nodes));
        while (!wire.sent.isEmpty()) {
            int last = wire.sent.element().ops().size() - 1;
            List<OpResult> results = new ArrayList<>();
            for (int i = 0; i < last; i++) {
                results.add(new ErrorResult(Code.OK.intValue()));
            }
            results.add(new ErrorResult(Code.NOAUTH.intValue()));
            wire.answer("write", new Reply(Code.OK, 1, true, true, results));
        }
    }

    /** Who deletes a node needs the permission of the one above it. */
    @Test
    void whatOneAccessListRefusesIsNotTriedAgainForAWhileAndOthersAre() {
        assertThat(sweep("/d/locked/x")).containsExactly("/d/locked/x");
        refuse();
        assertThat(sweep("/d/locked/x", "/d/locked/y")).isEmpty();
        assertThat(sweep("/d/locked/y", "/d/open/x")).containsExactly("/d/open/x");
        refuse();
        clock.pass(Duration.ofMinutes(10));
        assertThat(sweep("/d/locked/y")).containsExactly("/d/locked/y");
    }
}
