package dev.rollcall.cli.keys;

import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.Progress;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Limits;
import dev.rollcall.kv.Txn;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Carries out a plan in transactions of up to 64 writes; where one meets a change of others, its entries are written one by one. */
final class Importer {
    private final KvBackend backend;
    private final Output output;

    Importer(KvBackend backend, Output output) {
        this.backend = backend;
        this.output = output;
    }

    /** Writes what the plan says. If that fails half-way, says how far it came and fails. */
    void run(ImportPlan plan) throws InterruptedException {
        List<Integer> batch = new ArrayList<>();
        long bytes = 0;
        int done = 0;
        List<ImportPlan.Step> steps = plan.steps();
        try (Progress progress = new Progress(output.err(), "entries looked at", steps.size())) {
            for (int i = 0; i < steps.size(); i++) {
                ImportPlan.Step step = steps.get(i);
                if (!step.isWrite()) {
                    continue;
                }
                long size = size(step);
                if (batch.size() == Limits.MAX_TXN_WRITES || bytes + size > Limits.MAX_TXN_BYTES) {
                    write(plan, batch);
                    done += batch.size();
                    batch.clear();
                    bytes = 0;
                    progress.at(i);
                }
                batch.add(i);
                bytes += size;
            }
            write(plan, batch);
        } catch (KvException e) {
            output.say(done + " entries were written before this failed");
            throw e;
        }
    }

    private static long size(ImportPlan.Step step) {
        return (long) step.key().path().getBytes(StandardCharsets.UTF_8).length
                + step.value().size();
    }

    private void write(ImportPlan plan, List<Integer> batch) throws InterruptedException {
        if (batch.isEmpty() || commit(plan, batch)) {
            return;
        }
        for (int index : batch) {
            if (!commit(plan, List.of(index))) {
                plan.changed(index);
            }
        }
    }

    private boolean commit(ImportPlan plan, List<Integer> batch) throws InterruptedException {
        Txn.Builder txn = Txn.builder();
        for (int index : batch) {
            ImportPlan.Step step = plan.steps().get(index);
            txn.require(Objects.requireNonNull(step.condition())).put(step.key(), step.value());
        }
        try {
            Futures.await(backend.commit(txn.build()));
            return true;
        } catch (ConditionFailedException e) {
            return false;
        }
    }
}
