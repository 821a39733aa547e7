package dev.rollcall.coordination;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.tck.KitSettings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * Clients that want one lock, and a store that fails them. Every turn, also one that is over, writes again and again; no two turns may look held at once, and
 * no two may pass.
 */
abstract class LockChaos extends Chaos {
    private final List<DistributedLock> locks = new ArrayList<>();
    private final List<CompletableFuture<LockHold>> turns = new ArrayList<>();
    private final List<LockHold> holds = new ArrayList<>();

    void run(long seed, int steps) throws InterruptedException {
        Random random = KitSettings.fromEnvironment().random("LockChaos " + seed);
        for (int i = 0; i < CLIENTS; i++) {
            handles.add(store.open());
            locks.add(lock(handles.get(i), brief()));
        }
        for (int step = 0; step < steps; step++) {
            disturb(random);
            use(random);
            collect();
            noTwoAreHeld();
        }
        calmDown();
        settle();
        // Whatever chance has left undone: turns that pass, each while those before try in vain.
        for (int step = steps; step < steps + 3; step++) {
            LockHold turn = held(locks.get(step % CLIENTS).acquire());
            holds.add(turn);
            for (LockHold hold : holds) {
                append(hold.token(), observer);
            }
            eventuallyAllAnswered();
            turn.close();
        }
        judge();
    }

    private void use(Random random) {
        switch (random.nextInt(4)) {
            case 0 -> turns.add(locks.get(random.nextInt(CLIENTS)).acquire());
            case 1 -> {
                if (random.nextInt(3) == 0 && !turns.isEmpty()) {
                    turns.get(random.nextInt(turns.size())).cancel(false);
                }
            }
            case 2 -> holds.stream().filter(LockHold::isHeld).findFirst().ifPresent(LockHold::close);
            default -> {}
        }
        // Those whose turn is over try as well; that is the point.
        for (LockHold hold : holds.subList(Math.max(0, holds.size() - 3), holds.size())) {
            append(hold.token(), handles.get(random.nextInt(CLIENTS)));
        }
    }

    private void collect() {
        turns.removeIf(turn -> {
            if (turn.isDone() && !turn.isCompletedExceptionally()) {
                holds.add(turn.join());
            }
            return turn.isDone();
        });
        holds.sort(Comparator.comparingLong(hold -> hold.token().revision()));
    }

    private void noTwoAreHeld() {
        for (LockHold one : holds) {
            if (one.isHeld()) {
                List<LockHold> others = holds.stream()
                        .filter(other -> other != one && other.isHeld())
                        .toList();
                // Held before and after: in between as well, since what has ended never comes back.
                assertThat(one.isHeld() ? others : List.of())
                        .as("held together with %s", one)
                        .isEmpty();
            }
        }
    }

    private void settle() {
        eventually(() -> {
            collect();
            noTwoAreHeld();
            holds.stream().filter(LockHold::isHeld).findFirst().ifPresent(LockHold::close);
            assertThat(turns).isEmpty();
        });
        holds.forEach(LockHold::close);
        eventuallyQueued(0);
        eventuallyAllAnswered();
    }
}
