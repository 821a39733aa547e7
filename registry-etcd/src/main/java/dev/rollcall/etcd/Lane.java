package dev.rollcall.etcd;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.Key;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Puts questions together that wait at the same time. While few requests are under way, a question is sent at once and by itself; what
 * arrives meanwhile waits for one of them to end and then goes as one request, a transaction with an operation for each question. So an idle store
 * answers as fast as it can, and a busy one is asked as much at once as is good for it. Nobody ever waits for a batch to fill.
 *
 * <p>The questions stay independent: each has conditions of its own, and one that fails leaves the others alone. Two of which one writes what the
 * other writes or tests never share a request, since etcd would refuse it, or test the state before both. A request that is refused as a
 * whole, which etcd does before it has looked at the store, falls apart, and each question is asked by itself.
 *
 * <p>Belongs to one {@link Link} and is confined to the {@link IoLoop}.
 */
final class Lane {
    /** One that the store works on, and one that is on its way. */
    private static final int MOST_UNDER_WAY = 2;
    /** etcd takes 128 operations unless told otherwise, and counts those of nested transactions on top. */
    private static final int MOST_PARTS = 100;
    /** How many are looked at to find some that can go together, where many want the same key. */
    private static final int MOST_LOOKED_AT = 4 * MOST_PARTS;
    /** Of a request: a third of what etcd takes, so that a batch is no reason to refuse it. */
    private static final int MOST_BYTES = 512 * 1024;
    /** Of an answer, as far as that can be told from those before. */
    private static final long MOST_ANSWER_BYTES = 2L * 1024 * 1024;

    /** A question that is to be sent. */
    interface Passenger {
        /** What is asked. */
        Exchange<?, ?> exchange();

        /** Sends it by itself and calls {@code ended} once that has been answered, or has failed. */
        void start(Link link, Runnable ended);

        /** The request that it was part of has failed, with the same meaning as if it had been alone. */
        void failed(Sender.Sent sent, Status status);

        /** Looks for another way to be sent. */
        void go();
    }

    private final Sender sender;
    private final Link link;
    private final boolean writes;
    private final Deque<Passenger> waiting = new ArrayDeque<>();
    /** Those that a refused request fell apart into; they are in {@link #waiting} no longer. */
    private final Deque<Passenger> apart = new ArrayDeque<>();

    private int underWay;
    private int mostParts = MOST_PARTS;
    private boolean closed;

    /** The lane for reads, or for writes, of {@code link}. */
    Lane(Sender sender, Link link, boolean writes) {
        this.sender = sender;
        this.link = link;
        this.writes = writes;
    }

    /** Sends a question as soon as it is good to. */
    void add(Passenger passenger) {
        waiting.add(passenger);
        dispatch();
    }

    /** The link is lost: what waits here is to find another way. */
    void close() {
        closed = true;
        List<Passenger> left = new ArrayList<>(apart);
        left.addAll(waiting);
        apart.clear();
        waiting.clear();
        left.forEach(Passenger::go);
    }

    private void dispatch() {
        while (underWay < MOST_UNDER_WAY && !closed && !(waiting.isEmpty() && apart.isEmpty())) {
            List<Passenger> party = apart.isEmpty() ? nextParty() : List.of(apart.remove());
            party = party.stream().filter(this::isToBeSent).toList();
            if (party.isEmpty()) {
                continue;
            }
            underWay++;
            if (party.size() == 1) {
                party.get(0).start(link, this::freed);
            } else {
                start(party);
            }
        }
    }

    private void freed() {
        underWay--;
        mostParts = Math.min(MOST_PARTS, mostParts + 1);
        dispatch();
    }

    /** Whether somebody waits for it still; once a write is to be sent, nobody may be told any more that it was not. */
    private boolean isToBeSent(Passenger passenger) {
        return writes
                ? passenger.exchange().call().sent()
                : !passenger.exchange().call().isDone();
    }

    /** The first that waits, and those behind it that can go with it, past those that cannot. */
    private List<Passenger> nextParty() {
        List<Passenger> party = new ArrayList<>();
        List<Passenger> passed = new ArrayList<>();
        Claims claims = new Claims();
        int bytes = 0;
        for (int looked = 0; looked < MOST_LOOKED_AT && party.size() < mostParts && !waiting.isEmpty(); looked++) {
            Ride ride = ride(waiting.element());
            int size = ride.part().getSerializedSize();
            if (!party.isEmpty() && bytes + size > MOST_BYTES) {
                break;
            }
            Passenger next = waiting.remove();
            if (claims.admit(ride)) {
                party.add(next);
                bytes += size;
            } else {
                passed.add(next);
            }
        }
        for (int i = passed.size() - 1; i >= 0; i--) {
            waiting.addFirst(passed.get(i));
        }
        return party;
    }

    private static Ride ride(Passenger passenger) {
        return requireNonNull(passenger.exchange().ride());
    }

    private void start(List<Passenger> party) {
        TxnRequest.Builder question = TxnRequest.newBuilder();
        for (Passenger passenger : party) {
            question.addSuccess(ride(passenger).part());
        }
        sender.ask(link, KVGrpc.getTxnMethod(), question.build(), writes, (sent, status, answer) -> {
            underWay--;
            if (answer != null) {
                link.answered();
                answered(party, answer);
            } else {
                failed(party, sent, status);
            }
            dispatch();
        });
    }

    private void answered(List<Passenger> party, TxnResponse answer) {
        long revision = answer.getHeader().getRevision();
        if (!writes) {
            long each = Math.max(1, answer.getSerializedSize() / party.size());
            mostParts = (int) Math.max(1, Math.min(MOST_PARTS, MOST_ANSWER_BYTES / each));
        }
        for (int i = 0; i < party.size(); i++) {
            ride(party.get(i)).answered().accept(revision, answer.getResponses(i));
        }
    }

    private void failed(List<Passenger> party, Sender.Sent sent, Status status) {
        if (!EtcdErrors.isRefusal(status)) {
            party.forEach(passenger -> passenger.failed(sent, status));
            return;
        }
        if (EtcdErrors.isTooLarge(status) || EtcdErrors.isTooManyOperations(status)) {
            mostParts = Math.max(1, party.size() / 8);
        }
        if (closed) {
            party.forEach(Passenger::go);
        } else {
            apart.addAll(party);
        }
    }

    /** The keys of those that go together, and of those that were passed: who comes later does not overtake them. */
    private static final class Claims {
        private final Set<Key> tested = new HashSet<>();
        private final Set<Key> written = new HashSet<>();
        private @Nullable Set<Key> passed;

        boolean admit(Ride ride) {
            if (ride.written().isEmpty() && ride.tested().isEmpty()) {
                return true;
            }
            if (isFree(ride)) {
                tested.addAll(ride.tested());
                written.addAll(ride.written());
                return true;
            }
            passed = passed == null ? new HashSet<>() : passed;
            passed.addAll(ride.tested());
            passed.addAll(ride.written());
            return false;
        }

        private boolean isFree(Ride ride) {
            for (Key key : ride.written()) {
                if (written.contains(key) || tested.contains(key) || isPassed(key)) {
                    return false;
                }
            }
            for (Key key : ride.tested()) {
                if (written.contains(key) || isPassed(key)) {
                    return false;
                }
            }
            return true;
        }

        private boolean isPassed(Key key) {
            return passed != null && passed.contains(key);
        }
    }
}
