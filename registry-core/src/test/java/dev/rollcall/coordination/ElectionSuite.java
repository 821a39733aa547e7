package dev.rollcall.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What an election promises, on whatever store. */
abstract class ElectionSuite extends CoordinationFixture {
    private final KvBackend one = store.open();
    private final KvBackend two = store.open();
    private final LeaderElection first = election(one);
    private final LeaderElection second = election(two);
    private final LeaderElection watching = election(observer);
    private final Terms ofA = new Terms();
    private final Terms ofB = new Terms();

    /** What a candidate is told. */
    private static final class Terms implements CandidateListener {
        final List<FencingToken> won = new CopyOnWriteArrayList<>();
        final List<FencingToken> lost = new CopyOnWriteArrayList<>();
        final List<String> story = new CopyOnWriteArrayList<>();

        @Override
        public void onElected(FencingToken token) {
            story.add("elected");
            won.add(token);
        }

        @Override
        public void onLost(FencingToken token, String reason) {
            story.add("lost");
            lost.add(token);
        }
    }

    private Candidacy leading(LeaderElection election, String id, Terms terms) {
        Candidacy candidacy = election.join(id, terms);
        eventually(() -> assertThat(candidacy.isLeader()).isTrue());
        return candidacy;
    }

    private Candidacy waiting(LeaderElection election, String id, Terms terms) {
        Candidacy candidacy = election.join(id, terms);
        eventually(() -> assertThat(candidacy.state()).isEqualTo(CandidacyState.WAITING));
        return candidacy;
    }

    /** Behind the one that leads; or before it, since a starved process loses a brief lease by right. */
    private void eventuallyQueued(Candidacy candidacy) {
        eventually(() -> assertThat(candidacy.state()).isIn(CandidacyState.WAITING, CandidacyState.LEADING));
    }

    private void eventuallySeen(String id) {
        eventually(() -> assertThat(watching.leader()).map(Leader::candidateId).hasValue(id));
    }

    @Test
    void theFirstLeadsAndEveryoneSeesIt() throws InterruptedException {
        assertThat(watching.leader()).isEmpty();
        Candidacy a = leading(first, "a", ofA);
        Candidacy b = waiting(second, "b", ofB);
        eventuallySeen("a");
        Leader leader = watching.leader().orElseThrow();
        assertThat(a.token()).hasValue(leader.token());
        assertThat(Futures.await(watching.readLeader())).hasValue(leader);
        assertThat(a.state()).isEqualTo(CandidacyState.LEADING);
        assertThat(b.isLeader()).isFalse();
        assertThat(b.token()).isEmpty();
        eventually(() -> assertThat(ofA.won).containsExactly(leader.token()));
        Futures.await(two.commit(leader.token().guard(write("by the leader"))));
        a.close();
        a.close();
        eventually(() -> assertThat(b.isLeader()).isTrue());
        eventuallySeen("b");
        assertThat(a.state()).isEqualTo(CandidacyState.CLOSED);
        eventually(() -> assertThat(ofA.story).containsExactly("elected", "lost"));
        assertThat(b.token().orElseThrow().revision())
                .isGreaterThan(leader.token().revision());
        b.close();
        eventually(() -> assertThat(watching.leader()).isEmpty());
        assertThat(Futures.await(watching.readLeader())).isEmpty();
    }

    @Test
    void leaderThatLostItsLeaseIsSucceededAndStandsAgain() throws InterruptedException {
        Candidacy a = leading(first, "a", ofA);
        FencingToken old = a.token().orElseThrow();
        Candidacy b = waiting(second, "b", ofB);
        store.expireLeases(one);
        eventually(() -> assertThat(b.isLeader()).isTrue());
        eventually(() -> assertThat(ofA.lost).containsExactly(old));
        eventually(() -> assertThat(a.state()).isEqualTo(CandidacyState.WAITING));
        assertThatThrownBy(() -> Futures.await(one.commit(old.guard(write("late")))))
                .isInstanceOfSatisfying(
                        ConditionFailedException.class,
                        failure -> assertThat(old.isWhatFailed(failure)).isTrue());
        b.close();
        eventually(() -> assertThat(a.isLeader()).isTrue());
        eventually(() -> assertThat(ofA.story).containsExactly("elected", "lost", "elected"));
    }

    @Test
    void leaderThatIsCutOffStopsBeforeTheNextBegins() {
        Candidacy a = leading(election(one, brief()), "a", ofA);
        List<Boolean> both = new CopyOnWriteArrayList<>();
        Candidacy b = second.join("b", new CandidateListener() {
            @Override
            public void onElected(FencingToken token) {
                both.add(a.isLeader());
            }

            @Override
            public void onLost(FencingToken token, String reason) {}
        });
        eventuallyQueued(b);
        store.cut(one);
        eventually(() -> assertThat(both).containsExactly(false));
        eventually(() -> assertThat(ofA.lost).isNotEmpty().isEqualTo(ofA.won));
        store.heal(one);
        eventually(() -> assertThat(a.state()).isEqualTo(CandidacyState.WAITING));
    }

    @Test
    void steppingDownPassesTheOfficeOn() {
        Candidacy a = leading(first, "a", ofA);
        Candidacy b = waiting(second, "b", ofB);
        CompletableFuture<Void> done = a.stepDown();
        CompletableFuture<Void> again = a.stepDown();
        eventually(() -> assertThat(done).isCompleted());
        eventually(() -> assertThat(again).isCompleted());
        eventually(() -> assertThat(b.isLeader()).isTrue());
        eventually(() -> assertThat(a.state()).isEqualTo(CandidacyState.WAITING));
        eventuallyQueued(2);
    }

    @Test
    void followersHearOfEveryLastChange() {
        List<String> heard = new CopyOnWriteArrayList<>();
        List<String> late = new CopyOnWriteArrayList<>();
        watching.onLeader(leader -> {
            heard.add(leader == null ? "nobody" : leader.candidateId());
            throw new IllegalStateException("on purpose");
        });
        Candidacy a = leading(first, "a", ofA);
        eventually(() -> assertThat(heard).endsWith("a"));
        watching.onLeader(leader -> late.add(leader == null ? "nobody" : leader.candidateId()))
                .close();
        waiting(second, "b", ofB);
        a.close();
        eventually(() -> assertThat(heard).endsWith("b"));
        second.close();
        eventually(() -> assertThat(heard).endsWith("nobody"));
        assertThat(late).doesNotContain("b");
    }

    @Test
    void candidacyBegunWhileTheStoreIsAwaySucceedsLaterAndSaysWhyItWaits() {
        store.cut(one);
        Candidacy a = first.join("a", ofA);
        eventually(() -> assertThat(a.lastFailure()).isPresent());
        assertThat(a.state()).isEqualTo(CandidacyState.JOINING);
        store.heal(one);
        eventually(() -> assertThat(a.isLeader()).isTrue());
        assertThat(a.lastFailure()).isEmpty();
    }

    @Test
    void closingWhileTheStoreIsAwayIsBoundedAndFinal() {
        LeaderElection closed = election(one, brief());
        Candidacy a = leading(closed, "a", ofA);
        eventuallyQueued(second.join("b", ofB));
        store.cut(one);
        CompletableFuture<Void> closing = CompletableFuture.runAsync(closed::close);
        eventually(() -> assertThat(closing).isCompleted());
        assertThat(a.isLeader()).isFalse();
        eventuallySeen("b");
        store.heal(one);
        eventuallyQueued(1);
        assertThatThrownBy(() -> closed.join("a", ofA)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> closed.readLeader()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void closedBackendClosesTheCandidacy() {
        Candidacy a = leading(first, "a", ofA);
        one.close();
        eventually(() -> assertThat(a.state()).isEqualTo(CandidacyState.CLOSED));
        assertThat(a.isLeader()).isFalse();
        eventually(() -> assertThat(ofA.story).containsExactly("elected", "lost"));
        assertThat(a.token()).isEqualTo(Optional.empty());
    }

    @Test
    void blockedListenerDelaysNoElection() {
        CompletableFuture<Void> gate = new CompletableFuture<>();
        CandidateListener blocking = new CandidateListener() {
            @Override
            public void onElected(FencingToken token) {
                gate.join();
            }

            @Override
            public void onLost(FencingToken token, String reason) {
                throw new IllegalStateException("on purpose");
            }
        };
        Candidacy a = first.join("a", blocking);
        eventually(() -> assertThat(a.isLeader()).isTrue());
        Candidacy b = waiting(first, "b", ofB);
        a.close();
        eventually(() -> assertThat(b.isLeader()).isTrue());
        gate.complete(null);
    }

    @Test
    void closedElectionNamesNoLeaderAndSaysSo() {
        List<Optional<Leader>> heard = new CopyOnWriteArrayList<>();
        LeaderElection other = election(two);
        other.onLeader(leader -> heard.add(Optional.ofNullable(leader)));
        leading(first, "a", ofA);
        eventually(() -> assertThat(heard).last().matches(Optional::isPresent));
        other.close();
        assertThat(other.leader()).isEmpty();
        eventually(() -> assertThat(heard).last().matches(Optional::isEmpty));
    }

    @Test
    void electionOnAClosedBackendNamesNoLeaderAndSaysSo() {
        List<Optional<Leader>> heard = new CopyOnWriteArrayList<>();
        second.onLeader(leader -> heard.add(Optional.ofNullable(leader)));
        leading(first, "a", ofA);
        eventually(() -> assertThat(heard).last().matches(Optional::isPresent));
        two.close();
        eventually(() -> assertThat(heard).last().matches(Optional::isEmpty));
        assertThat(second.leader()).isEmpty();
    }

    @Test
    void candidateWhoseListenerThrowsStepsDownAndSaysWhy() {
        Candidacy a = first.join("a", new CandidateListener() {
            @Override
            public void onElected(FencingToken token) {
                throw new IllegalStateException("cannot lead");
            }

            @Override
            public void onLost(FencingToken token, String reason) {
                ofA.onLost(token, reason);
            }
        });
        eventually(() -> assertThat(ofA.lost).isNotEmpty());
        assertThat(a.lastFailure()).hasValueSatisfying(e -> assertThat(e).hasMessage("cannot lead"));
        Candidacy b = second.join("b", ofB);
        eventually(() -> assertThat(b.isLeader()).isTrue());
        eventually(() -> assertThat(a.state()).isEqualTo(CandidacyState.WAITING));
        assertThat(a.lastFailure()).isPresent();
    }

    @Test
    void idThatCannotBeWrittenAsItIsIsRefused() {
        assertThatThrownBy(() -> first.join("x".repeat(600_000), ofA))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("600000");
        assertThatThrownBy(() -> first.join("half \ud83d", ofA))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("index 5");
        assertThatThrownBy(() -> first.join("", ofA)).isInstanceOf(IllegalArgumentException.class);
    }
}
