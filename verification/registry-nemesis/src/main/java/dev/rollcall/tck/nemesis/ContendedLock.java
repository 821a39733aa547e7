package dev.rollcall.tck.nemesis;

import dev.rollcall.coordination.CoordinationOptions;
import dev.rollcall.coordination.DistributedLock;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Contenders for one lock, on all handles, who write under its guard; see {@link GuardedLog} and {@link Holds} for what is judged. When all has healed,
 * each of them has to get the lock again.
 */
final class ContendedLock implements Companion {
    private static final int CONTENDERS = 4;
    private static final long POLL_MILLIS = 20;
    private static final CoordinationOptions OPTIONS = CoordinationOptions.defaults()
            .withTtl(Duration.ofSeconds(3))
            .withPauses(Duration.ofMillis(50), Duration.ofSeconds(1));

    private final Setting setting;
    private final Crew crew;
    private final GuardedLog log;
    private final Holds holds;
    private final List<DistributedLock> locks;
    private final List<LockContender> contenders = new ArrayList<>();

    ContendedLock(Setting setting) {
        this.setting = setting;
        this.crew = new Crew(setting.findings()::violation, setting.patience());
        Directory directory = setting.place().directory("lock");
        this.log = new GuardedLog(directory.directory("guarded"));
        this.locks = setting.handles().stream()
                .map(handle -> DistributedLock.open(handle, directory.directory("queue"), OPTIONS))
                .toList();
        this.holds = new Holds(setting.findings());
        LockContender.Contest contest = new LockContender.Contest(locks, log, holds);
        for (int i = 0; i < CONTENDERS; i++) {
            LockContender contender = new LockContender(i, setting, contest, crew);
            contenders.add(contender);
            crew.start("contender-" + i, contender);
        }
    }

    @Override
    public Optional<String> difference(int round, Duration limit) throws InterruptedException {
        List<Integer> before = contenders.stream().map(LockContender::writes).toList();
        long end = System.nanoTime() + limit.toNanos();
        List<Integer> stuck = stuck(before);
        while (!stuck.isEmpty() && System.nanoTime() - end < 0) {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            stuck = stuck(before);
        }
        judge(end);
        return stuck.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "contenders " + stuck + " for a lock wrote nothing within " + limit + " of all having healed");
    }

    private List<Integer> stuck(List<Integer> before) {
        List<Integer> stuck = new ArrayList<>();
        for (int i = 0; i < CONTENDERS; i++) {
            if (contenders.get(i).writes() <= before.get(i)) {
                stuck.add(i);
            }
        }
        return stuck;
    }

    private void judge(long giveUpAt) throws InterruptedException {
        KvException failure;
        do {
            try {
                log.judge(setting.handle(0)).forEach(wrong -> setting.findings().violation("guarded writes: " + wrong));
                log.trim(setting.handle(0));
                return;
            } catch (KvException e) {
                failure = e;
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            }
        } while (System.nanoTime() - giveUpAt < 0);
        setting.findings().violation("the log of guarded writes could not be read: " + failure);
    }

    @Override
    public void entriesMayGo() {
        holds.entriesMayGo();
    }

    @Override
    public void entriesStay(long revision) {
        holds.entriesStay(revision);
        log.entriesStay(revision);
    }

    @Override
    public void close() {
        crew.close();
        locks.forEach(DistributedLock::close);
    }
}
