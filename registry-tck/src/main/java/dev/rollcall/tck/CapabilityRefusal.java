package dev.rollcall.tck;

import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Capability;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Lease;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.UnsupportedCapabilityException;
import dev.rollcall.kv.WatchStart;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** That a capability which is not declared is refused, and that nothing else comes of its use: rule ERR-4. */
final class CapabilityRefusal {
    private final Kit kit;
    private final Capability capability;

    CapabilityRefusal(Kit kit, Capability capability) {
        this.kit = kit;
        this.capability = capability;
    }

    void judge() {
        switch (capability) {
            case HISTORY -> historyIsRefused();
            case KEYS_BELOW_LEASED_KEYS -> keysBelowLeasedKeysAreRefused();
        }
    }

    private void historyIsRefused() {
        KvBackend backend = kit.backend();
        long revision = kit.put(kit.key("a"), "1");
        RecordingListener listener = kit.watch(backend, kit.dir(), WatchStart.history(revision));
        kit.eventually(
                "ERR-4",
                "a history watch is refused, since the capability HISTORY is not declared",
                () -> listener.hasEnded() || !listener.signals().isEmpty());
        check(listener.cause());
        if (!listener.signals().isEmpty()) {
            throw new RuleViolation(
                    "ERR-4", "A history watch was refused, and yet delivered " + listener.signals() + ".");
        }
        kit.put(kit.key("a"), "2");
    }

    private void keysBelowLeasedKeysAreRefused() {
        KvBackend backend = kit.backend();
        Lease lease = kit.lease(backend);
        int before = kit.list(backend, kit.dir()).entries().size();
        Key leased = kit.key("leased");
        kit.await(backend.put(leased, Bytes.ofUtf8("1"), lease));
        refused(backend.put(leased.asDirectory().key("below"), Bytes.ofUtf8("2")));
        kit.put(kit.key("parent/child"), "3");
        refused(backend.put(kit.key("parent"), Bytes.ofUtf8("4"), lease));
        Cut expected = kit.list(backend, kit.dir());
        if (expected.entries().size() != before + 2) {
            throw new RuleViolation(
                    "ERR-4",
                    "A refused write left an effect: " + expected.entries().keySet() + ".");
        }
    }

    private void refused(CompletableFuture<?> future) {
        check(kit.failure(future));
    }

    private void check(@Nullable KvException failure) {
        if (!(failure instanceof UnsupportedCapabilityException refusal) || refusal.capability() != capability) {
            throw new RuleViolation(
                    "ERR-4",
                    "The capability " + capability
                            + " is not declared; its use must fail with UnsupportedCapabilityException, but the result was "
                            + failure + ".");
        }
        if (refusal.outcome() != Outcome.NOT_APPLIED) {
            throw new RuleViolation("ERR-4", "A refusal must say NOT_APPLIED.");
        }
    }
}
