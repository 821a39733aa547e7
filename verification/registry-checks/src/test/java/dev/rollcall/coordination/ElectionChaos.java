package dev.rollcall.coordination;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.tck.KitSettings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Candidates for one office, and a store that fails them. Every term, also one that is over, writes again and again; no two candidates may look like leaders at
 * once, and no two terms may pass. Each candidate is told of its terms in pairs, and nobody sees an earlier leader follow a later one.
 */
abstract class ElectionChaos extends Chaos {
    private final List<LeaderElection> elections = new ArrayList<>();
    private final List<Candidacy> candidacies = new ArrayList<>();
    private final List<FencingToken> terms = new CopyOnWriteArrayList<>();
    private final List<Story> stories = new ArrayList<>();
    private final List<Long> seen = new CopyOnWriteArrayList<>();

    /** What one candidacy was told. */
    private final class Story implements CandidateListener {
        final List<FencingToken> elected = new CopyOnWriteArrayList<>();
        final List<FencingToken> lost = new CopyOnWriteArrayList<>();
        final List<String> wrong = new CopyOnWriteArrayList<>();

        @Override
        public void onElected(FencingToken token) {
            if (elected.size() != lost.size()) {
                wrong.add("elected twice: " + token);
            }
            elected.add(token);
            terms.add(token);
        }

        @Override
        public void onLost(FencingToken token, String reason) {
            if (elected.isEmpty() || !elected.get(elected.size() - 1).equals(token)) {
                wrong.add("lost without being elected: " + token);
            }
            lost.add(token);
        }
    }

    void run(long seed, int steps) throws InterruptedException {
        Random random = KitSettings.fromEnvironment().random("ElectionChaos " + seed);
        LeaderElection watching = election(observer, brief());
        watching.onLeader(leader -> leader.ifPresent(now -> seen.add(now.token().revision())));
        for (int i = 0; i < CLIENTS; i++) {
            handles.add(store.open());
            elections.add(election(handles.get(i), brief()));
            candidacies.add(join(i));
        }
        for (int step = 0; step < steps; step++) {
            disturb(random);
            use(random);
            noTwoLead();
        }
        calmDown();
        // Whatever chance has left undone: terms that follow one another, each while those before try in vain.
        for (int round = 0; round < 3; round++) {
            Candidacy leading = awaitLeader();
            Optional<FencingToken> term = leading.token();
            lastTerms(10).forEach(old -> append(old, observer));
            term.ifPresent(now -> append(now, observer));
            eventuallyAllAnswered();
            leading.stepDown();
            // A term that had ended before it was looked at cannot end again.
            term.ifPresent(now -> eventually(() -> assertThat(leading.token()).isNotEqualTo(term)));
        }
        candidacies.forEach(ElectionChaos::leave);
        eventuallyQueued(0);
        eventuallyAllAnswered();
        judge();
        eventually(() -> assertThat(stories).allSatisfy(story -> {
            assertThat(story.wrong).isEmpty();
            assertThat(story.lost).containsExactlyElementsOf(story.elected);
        }));
        assertThat(terms).doesNotHaveDuplicates();
        assertThat(seen).as("leaders, as one who only looks was told").isSorted();
    }

    private Candidacy join(int client) {
        Story story = new Story();
        stories.add(story);
        return elections.get(client).join("candidate-" + client, story);
    }

    /** On a thread of its own: closing waits for the store, which may be away, in a time that only the test's moves on. */
    private static void leave(Candidacy candidacy) {
        Thread leaving = new Thread(candidacy::close, "leaving");
        leaving.setDaemon(true);
        leaving.start();
    }

    private void use(Random random) {
        int client = random.nextInt(CLIENTS);
        switch (random.nextInt(8)) {
            case 0 -> candidacies.get(client).stepDown();
            case 1 -> {
                leave(candidacies.get(client));
                candidacies.set(client, join(client));
            }
            default -> {}
        }
        // Those whose term is over try as well; that is the point.
        lastTerms(3).forEach(term -> append(term, handles.get(random.nextInt(CLIENTS))));
    }

    private List<FencingToken> lastTerms(int count) {
        List<FencingToken> sorted = terms.stream()
                .sorted(Comparator.comparingLong(FencingToken::revision))
                .toList();
        return sorted.subList(Math.max(0, sorted.size() - count), sorted.size());
    }

    private Candidacy awaitLeader() {
        eventually(() -> assertThat(candidacies).anyMatch(Candidacy::isLeader));
        return candidacies.stream().filter(Candidacy::isLeader).findFirst().orElseGet(() -> candidacies.get(0));
    }

    private void noTwoLead() {
        for (Candidacy one : candidacies) {
            Optional<FencingToken> before = one.token();
            Set<Candidacy> others = new HashSet<>(candidacies);
            others.remove(one);
            others.removeIf(other -> !other.isLeader());
            // The same term before and after: in between as well, since what has ended never comes back.
            if (before.isPresent() && before.equals(one.token())) {
                assertThat(others).as("leading together with %s", one).isEmpty();
            }
        }
    }
}
