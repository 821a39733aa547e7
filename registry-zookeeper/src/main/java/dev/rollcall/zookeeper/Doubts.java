package dev.rollcall.zookeeper;

import dev.rollcall.zookeeper.Receipts.Slot;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;

/** The writes in doubt of a session: their replies were lost, and their receipts have not been read yet. Guarded by the session's lock. */
final class Doubts {
    private final List<Doubt> open = new ArrayList<>();

    private record Doubt(Slot slot, Consumer<WriteResult> answer) {}

    /** A write whose answer was lost keeps its receipt until it is settled. */
    void add(Slot slot, Consumer<WriteResult> answer) {
        open.add(new Doubt(slot, answer));
    }

    void addAll(Doubts others) {
        open.addAll(others.open);
    }

    boolean isEmpty() {
        return open.isEmpty();
    }

    /** Reads the receipts, in the order of the writes. */
    List<Op> reads() {
        return open.stream().map(doubt -> Op.getData(doubt.slot.path)).toList();
    }

    /**
     * Settles all by their receipts, which are free then, or gives up if those were not read and never will be.
     *
     * @return what is to be told without the lock
     */
    Runnable settle(Reply receipts, Receipts receiptSlots) {
        List<Runnable> told = new ArrayList<>();
        for (int i = 0; i < open.size(); i++) {
            Doubt doubt = open.get(i);
            WriteResult verdict = receipts.isOk()
                    ? Receipts.settle(doubt.slot, receipts.results().get(i))
                    : new WriteResult.Unknown(receipts.code());
            receiptSlots.release(doubt.slot);
            told.add(() -> doubt.answer.accept(verdict));
        }
        return () -> Answers.give(told);
    }

    /** Tells all that nobody will learn it. */
    void giveUp(Code cause) {
        List<Runnable> told = new ArrayList<>();
        open.forEach(doubt -> told.add(() -> doubt.answer.accept(new WriteResult.Unknown(cause))));
        Answers.give(told);
    }
}
