package dev.rollcall.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rollcall.kv.Diagnosis;
import dev.rollcall.kv.Diagnosis.Finding;
import dev.rollcall.kv.Diagnosis.Severity;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.KvException.Context;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.support.Durations;
import dev.rollcall.kv.support.PendingCall;
import dev.rollcall.zookeeper.EnsembleReport.Asked;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.jspecify.annotations.Nullable;

/**
 * Collects a diagnosis of an ensemble: each member in the URL is asked with the command {@code srvr}, which servers answer by default; and through the
 * handle's session, as soon as there is one, the ensemble's configuration is read and the permissions of this user are tested.
 *
 * <p>Nothing is written: the transaction that tries ends with a condition that never holds, so that the servers undo it before anybody sees it.
 */
final class ZooKeeperDiagnoser {
    private static final Duration LONGEST = Duration.ofSeconds(2);
    /** Of what a member that takes connections and says nothing is given, twice. */
    private static final int PROBE_PART = 3;

    private static final String CONFIGURATION = "/zookeeper/config";
    private static final int NEVER = Integer.MAX_VALUE;

    /* Concurrency: immutable; every answer is a future of its own. */
    private final ZooKeeperContext store;
    private final Duration patience;

    ZooKeeperDiagnoser(ZooKeeperContext store) {
        this.store = store;
        this.patience = Durations.min(store.config().timeout().multipliedBy(3).dividedBy(4), LONGEST);
    }

    CompletableFuture<Diagnosis> diagnose() {
        PendingCall<Diagnosis> call = store.calls().begin(new Context(store.name(), "diagnose", null), false);
        if (!call.isDone()) {
            ask(call);
        }
        return call.future();
    }

    private void ask(PendingCall<Diagnosis> call) {
        List<Asked> late = new ArrayList<>();
        List<CompletableFuture<List<Asked>>> members = new ArrayList<>();
        for (String host : store.config().ensemble().known()) {
            InetSocketAddress address = Endpoints.address(host);
            CompletableFuture<List<Asked>> answer = new CompletableFuture<>();
            members.add(answer);
            late.add(Asked.silent(address, "it has not answered within " + patience.toMillis() + " ms"));
            store.threads().callbacks().execute(() -> resolve(address, answer));
        }
        CompletableFuture<@Nullable String> configuration = new CompletableFuture<>();
        CompletableFuture<List<Finding>> permissions = new CompletableFuture<>();
        store.connection().run(new Question(call, session -> {
            if (session == null) {
                configuration.complete(null);
                permissions.complete(List.of());
            } else {
                session.read(List.of(Op.getData(CONFIGURATION)), reply -> configuration.complete(text(reply)));
                read(session, permissions);
            }
        }));
        store.threads().time().schedule(patience, () -> {
            for (int i = 0; i < members.size(); i++) {
                members.get(i).complete(List.of(late.get(i)));
            }
            configuration.complete(null);
            permissions.complete(List.of());
        });
        Stream<CompletableFuture<?>> all = Stream.concat(members.stream(), Stream.of(configuration, permissions));
        CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new))
                .thenRun(() -> call.complete(EnsembleReport.of(
                        members.stream()
                                .flatMap(answer -> answer.join().stream())
                                .toList(),
                        configuration.join(),
                        permissions.join())))
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        // A fault of ours; nobody shall wait for it until the deadline.
                        call.fail(new KvException(
                                call.context(),
                                Outcome.NOT_APPLIED,
                                false,
                                "what the members said could not be put together: " + failure,
                                failure));
                    }
                });
    }

    /** Asks a member at each of its addresses. */
    private void resolve(InetSocketAddress member, CompletableFuture<List<Asked>> answer) {
        try {
            List<CompletableFuture<Asked>> asked = Arrays.stream(InetAddress.getAllByName(member.getHostString()))
                    .map(address -> new InetSocketAddress(address, member.getPort()))
                    .map(address -> CompletableFuture.supplyAsync(
                            () -> new Asked(
                                    member, address, store.config().probe().ask(address, probeMillis())),
                            store.threads().callbacks()))
                    .toList();
            CompletableFuture.allOf(asked.toArray(CompletableFuture<?>[]::new)).whenComplete((done, failure) -> {
                if (failure == null) {
                    answer.complete(asked.stream().map(CompletableFuture::join).toList());
                } else {
                    answer.complete(List.of(Asked.silent(member, "it could not be asked: " + failure)));
                }
            });
        } catch (UnknownHostException e) {
            answer.complete(List.of(Asked.silent(member, "its name is not known")));
        }
    }

    private int probeMillis() {
        return Math.max(1, (int) patience.dividedBy(PROBE_PART).toMillis());
    }

    private static @Nullable String text(Reply reply) {
        byte[] data = reply.isOk() ? Znode.of(reply.results().get(0)).data() : null;
        return data == null ? null : new String(data, UTF_8);
    }

    /** Finds out whether this user may read the root, if there is one, and then whether it may write. */
    private void read(Session session, CompletableFuture<List<Finding>> permissions) {
        String root = store.layout().root();
        session.readFresh(List.of(Op.getChildren(root)), reply -> {
            Code code = reply.isOk() ? reply.errorAt(0) : reply.code();
            List<Finding> findings = new ArrayList<>();
            if (code == Code.NOAUTH) {
                findings.add(denied("read", root));
            }
            if (code == Code.OK || code == Code.NOAUTH) {
                write(session, findings, permissions);
            } else {
                permissions.complete(findings);
            }
        });
    }

    private void write(Session session, List<Finding> findings, CompletableFuture<List<Finding>> permissions) {
        String root = store.layout().root();
        String probe = root + "/.rollcall-diagnosis";
        List<Op> never = List.of(
                Op.create(probe, Znode.NO_VALUE, store.access().own(), CreateMode.PERSISTENT),
                Op.delete(probe, -1),
                Op.check(root, NEVER));
        session.writePlain(never, reply -> {
            int failed = reply.isOk() ? reply.firstFailed() : -1;
            if (failed == 0 || failed == 1) {
                Code code = reply.errorAt(failed);
                if (code == Code.NOAUTH) {
                    findings.add(denied(failed == 0 ? "create" : "delete", root));
                } else if (code == Code.INVALIDACL) {
                    findings.add(
                            new Finding(
                                    Severity.WARNING,
                                    "ZooKeeper refuses the access list that this handle gives to new nodes, so that it cannot create anything.",
                                    "Name users that this client is logged in as, by the option 'acl' or the settings of the application, or give it a user and a password."));
                } else if (code == Code.QUOTAEXCEEDED) {
                    findings.add(new Finding(
                            Severity.WARNING,
                            "A quota of ZooKeeper for '" + root + "' leaves no room for another node.",
                            "Delete what is not needed, or raise the quota with 'setquota'."));
                }
            }
            permissions.complete(findings);
        });
    }

    private static Finding denied(String what, String root) {
        return new Finding(
                Severity.WARNING,
                "This user may not " + what + " what is directly below '" + root + "'.",
                "Give the URL the user that the access list of '" + root
                        + "' names, or let that user in with 'setAcl'.");
    }

    /** Is run with a session once there is one, or with null. */
    private record Question(PendingCall<Diagnosis> call, Consumer<@Nullable Session> answer)
            implements SessionRunner.SessionTask {
        @Override
        public boolean isOver() {
            return call.isDone();
        }

        @Override
        public void run(Session session) {
            answer.accept(session);
        }

        @Override
        public void delayed(String reason) {}

        @Override
        public void refuse(Code cause) {
            answer.accept(null);
        }
    }
}
