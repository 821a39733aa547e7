package dev.rollcall.etcd;

import dev.rollcall.etcd.EtcdErrors.Verdict;
import dev.rollcall.etcd.StoreReport.Asked;
import dev.rollcall.kv.Diagnosis;
import dev.rollcall.kv.Diagnosis.Severity;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.support.Durations;
import dev.rollcall.kv.support.PendingCall;
import io.etcd.jetcd.api.ClusterGrpc;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.MemberListRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.StatusRequest;
import io.etcd.jetcd.api.StatusResponse;
import io.etcd.jetcd.api.TxnRequest;
import io.grpc.Metadata;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks each member in the URL for its status, each on a connection of its own and all at the same time, and one of them for the list of members and for the
 * permissions of this user. Confined to the {@link IoLoop}, but for {@link #diagnose}.
 *
 * <p>Nothing is written. Whether this user may write is told by a transaction whose put is in the branch that is not taken: etcd checks the
 * permissions of both. Alarms come with the status of a member, since the question for them goes through the cluster's log.
 */
final class EtcdDiagnoser {
    private static final Duration LONGEST = Duration.ofSeconds(2);
    private static final Key PROBE = Key.of("/.rollcall/diagnosis");

    private final EtcdContext handle;
    private final MemberConnection.Setup setup;
    private final MemberSelector members;
    private final Probe probe;
    private final EtcdOptions options;
    private final Duration patience;
    /** The connections that were made for a diagnosis and have not ended. */
    private final List<MemberConnection> links = new ArrayList<>();

    EtcdDiagnoser(
            EtcdContext handle,
            MemberConnection.Setup setup,
            MemberSelector members,
            Probe probe,
            EtcdOptions options) {
        this.handle = handle;
        this.setup = setup;
        this.members = members;
        this.probe = probe;
        this.options = options;
        this.patience = Durations.min(options.timeout().multipliedBy(3).dividedBy(4), LONGEST);
    }

    /** Begins to ask; may be called by any thread. */
    CompletableFuture<Diagnosis> diagnose() {
        PendingCall<Diagnosis> call = handle.calls().begin(handle.context("diagnose", null), false);
        if (!call.isDone()) {
            handle.loop().execute(new Round(call)::start);
        }
        return call.future();
    }

    /** Ends every connection. */
    void close() {
        links.forEach(MemberConnection::kill);
    }

    /** Whether every connection has ended, after {@link #close()}. */
    boolean isTerminated() {
        return links.stream().allMatch(MemberConnection::isTerminated);
    }

    /** One diagnosis. */
    private final class Round {
        private final PendingCall<Diagnosis> call;
        private final StoreReport report = new StoreReport();
        private final List<MemberConnection> own = new ArrayList<>();
        private Runnable cancelTimer = () -> {};
        /** Questions that are not answered. */
        private int open = options.endpoints().size();

        /** Whether one of them has been asked what one can answer for all. */
        private boolean guided;

        private boolean ended;

        Round(PendingCall<Diagnosis> call) {
            this.call = call;
        }

        void start() {
            cancelTimer = handle.loop().schedule(patience, this::end);
            for (Endpoint endpoint : options.endpoints()) {
                // What does not come before the end counts as silent.
                Asked unresolved = report.ask(endpoint, null);
                members.locate(endpoint, (addresses, refusal) -> {
                    if (ended) {
                        return;
                    }
                    if (refusal != null) {
                        unresolved.fault = refusal.reason();
                    } else {
                        report.replace(unresolved);
                        addresses.forEach(address -> ask(endpoint, address));
                    }
                    answered();
                });
            }
        }

        private void ask(Endpoint endpoint, InetSocketAddress address) {
            Asked asked = report.ask(endpoint, address);
            MemberConnection connection;
            try {
                connection = new MemberConnection(setup, endpoint, address);
            } catch (RuntimeException e) {
                asked.fault = endpoint + " could not be tried: " + e;
                return;
            }
            own.add(connection);
            links.removeIf(MemberConnection::isTerminated);
            links.add(connection);
            open++;
            // Without a token at first, so that it is answered whatever became of the password, and without a demand
            // for a leader, so that a member without one answers as well.
            UnaryCall.CallTrace trace = new UnaryCall.CallTrace();
            UnaryCall.startWith(
                    new Metadata(),
                    connection,
                    MaintenanceGrpc.getStatusMethod(),
                    UnaryCall.within(patience, trace),
                    StatusRequest.getDefaultInstance(),
                    (status, answer) -> handle.loop().execute(() -> {
                        boolean byServer = trace.isAnswered();
                        if (answer == null && byServer && isAboutTheUser(status) && options.credentials() != null) {
                            askAsUser(connection, asked);
                        } else {
                            told(connection, asked, null, status, byServer, answer);
                        }
                    }));
        }

        /** Newer servers tell their status to users only. */
        private void askAsUser(MemberConnection connection, Asked asked) {
            handle.direct()
                    .ask(
                            connection,
                            MaintenanceGrpc.getStatusMethod(),
                            StatusRequest.getDefaultInstance(),
                            patience,
                            (refusal, status, answered, answer) ->
                                    told(connection, asked, refusal, status, answered, answer));
        }

        private void told(
                MemberConnection connection,
                Asked asked,
                @Nullable Refusal refusal,
                Status status,
                boolean byServer,
                @Nullable StatusResponse answer) {
            if (ended) {
                return;
            }
            asked.status = answer;
            if (answer != null) {
                if (!asked.isLearner() && asked.knowsLeader()) {
                    askForAll(connection);
                }
            } else if (refusal != null && refusal.kind().compareTo(Refusal.Kind.PASSWORD) >= 0) {
                asked.refuses = true;
                asked.fault = refusal.reason();
                refused(refusal);
            } else if (refusal == null && byServer && isAboutTheUser(status)) {
                asked.refuses = true;
                asked.fault = "it does not tell this user its status: " + EtcdErrors.text(status);
                if (status.getCode() == Status.Code.PERMISSION_DENIED) {
                    askForAll(connection);
                } else {
                    nobody(status);
                }
            } else {
                asked.fault = refusal != null
                        ? refusal.reason()
                        : probe.unreachable(connection, "a question for its status", patience, status)
                                .reason();
            }
            answered();
        }

        private void refused(Refusal refusal) {
            report.found(
                    Severity.ERROR,
                    "The store refuses this handle: " + refusal.reason() + ".",
                    "Correct the user or the password of the URL.");
        }

        private void nobody(Status status) {
            report.found(
                    Severity.ERROR,
                    "The store demands a user and a password: " + EtcdErrors.text(status) + ".",
                    "Give the URL a user and a password.");
        }

        /** Asks a member what one can answer for all. */
        private void askForAll(MemberConnection connection) {
            if (guided) {
                return;
            }
            guided = true;
            open++;
            handle.direct()
                    .ask(
                            connection,
                            ClusterGrpc.getMemberListMethod(),
                            MemberListRequest.getDefaultInstance(),
                            patience,
                            (refusal, status, answered, answer) -> {
                                report.members(answer == null ? List.of() : answer.getMembersList());
                                answered();
                            });
            open++;
            RangeRequest read = RangeRequest.newBuilder()
                    .setKey(handle.keys().first(Directory.ROOT))
                    .setRangeEnd(handle.keys().end(Directory.ROOT))
                    .setLimit(1)
                    .setKeysOnly(true)
                    .build();
            handle.direct()
                    .ask(
                            connection,
                            KVGrpc.getRangeMethod(),
                            read,
                            patience,
                            judge("read all that is below '" + options.prefix() + "/'", denied -> {
                                if (isSomebody() && !denied) {
                                    tryToWrite(connection);
                                }
                            }));
        }

        private void tryToWrite(MemberConnection connection) {
            PutRequest put =
                    PutRequest.newBuilder().setKey(handle.keys().name(PROBE)).build();
            TxnRequest never = TxnRequest.newBuilder()
                    .addFailure(RequestOp.newBuilder().setRequestPut(put))
                    .build();
            open++;
            handle.direct()
                    .ask(
                            connection,
                            KVGrpc.getTxnMethod(),
                            never,
                            patience,
                            judge("write '" + options.prefix() + PROBE.path() + "'", denied -> {}));
        }

        private <A> DirectCall.Reply<A> judge(String what, Consumer<Boolean> then) {
            return (refusal, status, answered, answer) -> {
                boolean denied = false;
                if (refusal != null && refusal.kind().compareTo(Refusal.Kind.PASSWORD) >= 0) {
                    denied = true;
                    refused(refusal);
                } else if (refusal == null && answered && answer == null && isAboutTheUser(status)) {
                    denied = true;
                    if (EtcdErrors.verdict(status, true, true) == Verdict.STALE_TOKEN) {
                        nobody(status);
                    } else {
                        report.found(
                                Severity.WARNING,
                                "This user may not " + what + ".",
                                "If the application needs it, grant the user's role that permission.");
                    }
                }
                then.accept(denied);
                answered();
            };
        }

        private boolean isAboutTheUser(Status status) {
            Verdict verdict = EtcdErrors.verdict(status, true, true);
            return verdict == Verdict.STALE_TOKEN
                    || (verdict == Verdict.REFUSED && status.getCode() == Status.Code.PERMISSION_DENIED);
        }

        /** Whether there is a user whose permissions there may be. */
        private boolean isSomebody() {
            EtcdOptions.Tls tls = options.tls();
            return options.credentials() != null || (tls != null && tls.certificate() != null);
        }

        private void answered() {
            if (--open == 0) {
                end();
            }
        }

        private void end() {
            if (!ended) {
                ended = true;
                cancelTimer.run();
                own.forEach(MemberConnection::kill);
                try {
                    call.complete(report.diagnosis());
                } catch (RuntimeException e) {
                    // A fault of ours; nobody shall wait for it until the deadline.
                    call.fail(new KvException(
                            call.context(),
                            Outcome.NOT_APPLIED,
                            false,
                            "what the members said could not be put together: " + e,
                            e));
                }
            }
        }
    }
}
