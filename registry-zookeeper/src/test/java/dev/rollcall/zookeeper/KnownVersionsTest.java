package dev.rollcall.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.zookeeper.KnownVersions.Guard;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.zookeeper.data.Stat;
import org.junit.jupiter.api.Test;

/** What may be concluded from replies, in whatever order they come. */
class KnownVersionsTest {
    private static final String PATH = "/store/k";

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    private final Layout layout = Layout.of("/store");
    private final String stripe = layout.stripeOf(PATH);
    private final KnownVersions versions = new KnownVersions(layout, now::get);

    private static Znode node(long mzxid, int version) {
        Stat stat = new Stat();
        stat.setMzxid(mzxid);
        stat.setVersion(version);
        return new Znode(new byte[0], stat);
    }

    private void generation(int version, long zxid) {
        versions.read(stripe, new Znode(null, node(0, version).stat()), zxid);
    }

    @Test
    void nothingIsKnownAtFirst() {
        assertThat(versions.guard(PATH, 5)).isNull();
        versions.read(PATH, node(5, 2), 10);
        assertThat(versions.guard(PATH, 5)).as("without the generation").isNull();
    }

    @Test
    void whatWasSeenWithItsGenerationOrLaterIsKnown() {
        generation(7, 10);
        versions.read(PATH, node(5, 2), 10);
        assertThat(versions.guard(PATH, 5)).isEqualTo(new Guard(7, 2, false));
        versions.read(PATH, node(12, 3), 12);
        assertThat(versions.guard(PATH, 12)).isEqualTo(new Guard(7, 3, false));
        assertThat(versions.guard(PATH, 5)).as("the revision before").isNull();
    }

    @Test
    void whatWasSeenBeforeItsGenerationIsNot() {
        versions.read(PATH, node(5, 2), 9);
        generation(7, 10);
        assertThat(versions.guard(PATH, 5)).isNull();
        versions.read(PATH, node(5, 2), 11);
        assertThat(versions.guard(PATH, 5)).isEqualTo(new Guard(7, 2, false));
    }

    @Test
    void newGenerationPutsWhatWasSeenBeforeInDoubt() {
        generation(7, 10);
        versions.read(PATH, node(5, 2), 10);
        generation(8, 20);
        assertThat(versions.guard(PATH, 5)).isNull();
    }

    @Test
    void sameGenerationSeenAgainChangesNothing() {
        generation(7, 10);
        versions.read(PATH, node(5, 2), 10);
        generation(7, 20);
        assertThat(versions.guard(PATH, 5)).isEqualTo(new Guard(7, 2, false));
    }

    @Test
    void answersThatComeLateAreOfNoEffect() {
        generation(8, 20);
        versions.read(PATH, node(18, 0), 20);
        generation(7, 10);
        versions.read(PATH, node(5, 2), 10);
        versions.read(PATH, Znode.ABSENT, 15);
        assertThat(versions.guard(PATH, 18)).isEqualTo(new Guard(8, 0, false));
    }

    @Test
    void keyThatHasGoneIsForgotten() {
        generation(7, 10);
        versions.read(PATH, node(5, 2), 10);
        versions.read(PATH, Znode.ABSENT, 11);
        assertThat(versions.guard(PATH, 5)).isNull();
    }

    /** Others than our handles bump no generation. */
    @Test
    void nothingIsTrustedForLong() {
        generation(7, 10);
        versions.read(PATH, node(5, 2), 10);
        now.addAndGet(KnownVersions.LONGEST.toNanos());
        assertThat(versions.guard(PATH, 5)).isNotNull();
        now.incrementAndGet();
        assertThat(versions.guard(PATH, 5)).isNull();
        versions.read(PATH, node(5, 2), 11);
        assertThat(versions.guard(PATH, 5)).isEqualTo(new Guard(7, 2, false));
    }

    /** -1 means any version to ZooKeeper, so requiring it would require nothing. */
    @Test
    void versionThatCannotBeComparedIsNoGuard() {
        generation(7, 10);
        versions.read(PATH, node(5, -1), 10);
        assertThat(versions.guard(PATH, 5)).isNull();
    }

    @Test
    void thoseUsedLongestAgoAreForgotten() {
        generation(7, 10);
        versions.read(PATH, node(5, 2), 10);
        for (int i = 0; i < KnownVersions.MOST - 1; i++) {
            versions.read("/store/other" + i, node(5, 2), 10);
        }
        assertThat(versions.guard(PATH, 5)).isNotNull();
        for (int i = 0; i < KnownVersions.MOST - 1; i++) {
            versions.read("/store/more" + i, node(5, 2), 10);
        }
        assertThat(versions.guard(PATH, 5)).isNotNull();
        for (int i = 0; i < KnownVersions.MOST; i++) {
            versions.read("/store/most" + i, node(5, 2), 10);
        }
        assertThat(versions.guard(PATH, 5)).isNull();
    }
}
