package dev.rollcall.etcd;

import dev.rollcall.etcd.EtcdErrors.Verdict;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.grpc.Status;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Ends leases in the store. A lease stays here until the store has confirmed that it is gone: asking twice does no harm, since its id is never used
 * again. Confined to the {@link IoLoop}.
 */
final class Revoker {
    private static final long FIRST_PAUSE_MILLIS = 25;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;
    /** Of one request; another follows, as long as the lease is here. */
    private static final Duration PATIENCE = Duration.ofMillis(600);

    private final EtcdContext handle;
    private final MemberSelector members;
    private final Map<Long, Task> tasks = new LinkedHashMap<>();
    private Runnable whenIdle = () -> {};

    Revoker(EtcdContext handle, MemberSelector members) {
        this.handle = handle;
        this.members = members;
    }

    /**
     * Why a request has not revoked a lease.
     *
     * @param inDoubt whether it may have done so all the same
     * @param denied whether the store refuses it to this user, for as long as the user may not write the lease's keys
     * @param reason a clause without a full stop
     * @param cause what it stems from
     */
    record Failure(
            boolean inDoubt,
            boolean denied,
            String reason,
            @Nullable Throwable cause) {}

    /** Is told what becomes of a revocation. Runs on the loop. */
    interface Ending {
        /** Whether a store that does not know the lease may still get to know it. */
        default boolean mayCome() {
            return false;
        }

        /** A request is about to leave. */
        void leaves();

        /** One of those that have left has failed; another follows soon. */
        void failed(Failure failure);

        /** The store has confirmed it, with the state at {@code revision}, or at an unknown one if that is 0. */
        void confirmed(long revision);
    }

    /** Revokes a lease that nobody has got hold of. */
    void forget(long id) {
        forget(id, () -> false);
    }

    /** Revokes a lease that nobody has got hold of, and that may come into being as long as {@code coming}. */
    void forget(long id, BooleanSupplier coming) {
        revoke(id, new Ending() {
            @Override
            public boolean mayCome() {
                return coming.getAsBoolean();
            }

            @Override
            public void leaves() {}

            @Override
            public void failed(Failure failure) {}

            @Override
            public void confirmed(long revision) {}
        });
    }

    /** Revokes a lease, now or as soon as there is a member. */
    void revoke(long id, Ending ending) {
        Task task = new Task(id, ending);
        tasks.put(id, task);
        task.go();
    }

    /** A member can be used. */
    void found() {
        List.copyOf(tasks.values()).forEach(Task::go);
    }

    /** Runs {@code action} once the store has confirmed everything. */
    void whenIdle(Runnable action) {
        if (tasks.isEmpty()) {
            action.run();
        } else {
            whenIdle = action;
        }
    }

    private final class Task {
        private final long id;
        private final Ending ending;
        private long pauseMillis = FIRST_PAUSE_MILLIS;
        /** The connection that owes an answer, or null. */
        private @Nullable MemberConnection asked;

        Task(long id, Ending ending) {
            this.id = id;
            this.ending = ending;
        }

        void go() {
            MemberConnection connection = members.current();
            if (connection == null || connection.equals(asked) || tasks.get(id) != this) {
                return;
            }
            asked = connection;
            ending.leaves();
            handle.direct()
                    .ask(
                            connection,
                            LeaseGrpc.getLeaseRevokeMethod(),
                            LeaseRevokeRequest.newBuilder().setID(id).build(),
                            PATIENCE,
                            (refusal, status, answered, answer) -> {
                                boolean unknown = answered && EtcdErrors.isLeaseUnknown(status);
                                if (answer != null || (unknown && !ending.mayCome())) {
                                    settled(
                                            answer == null
                                                    ? 0
                                                    : answer.getHeader().getRevision());
                                    return;
                                }
                                if (connection.equals(asked)) {
                                    asked = null;
                                }
                                Failure failure = failure(refusal, status, answered);
                                if (failure.inDoubt()) {
                                    members.suspect(connection);
                                }
                                if (tasks.get(id) != this) {
                                    return;
                                }
                                ending.failed(failure);
                                long pause = ThreadLocalRandom.current().nextLong(pauseMillis / 2, pauseMillis + 1);
                                pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, pauseMillis * 2);
                                handle.loop().schedule(Duration.ofMillis(pause), this::go);
                            });
        }

        private Failure failure(@Nullable Refusal refusal, Status status, boolean answered) {
            if (refusal != null) {
                return new Failure(false, refusal.isFinal(), refusal.reason(), refusal.cause());
            }
            Verdict verdict = EtcdErrors.verdict(status, true, answered);
            boolean forbidden = verdict == Verdict.REFUSED && status.getCode() == Status.Code.PERMISSION_DENIED;
            boolean nobody = verdict == Verdict.STALE_TOKEN && !handle.tokens().canRenew();
            return new Failure(
                    verdict == Verdict.OPEN || verdict == Verdict.FULL,
                    forbidden || nobody,
                    forbidden ? "this user has no permission for one of its keys" : EtcdErrors.text(status),
                    status.asRuntimeException());
        }

        private void settled(long revision) {
            if (tasks.remove(id, this)) {
                ending.confirmed(revision);
                if (tasks.isEmpty()) {
                    whenIdle.run();
                }
            }
        }
    }
}
