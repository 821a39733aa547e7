package dev.rollcall.kv.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.Change;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Key;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WatchIndexTest {
    private final WatchIndex index = new WatchIndex();

    private static final class Seen implements WatchIndex.Observer {
        final Directory directory;
        final List<List<Change>> offers = new ArrayList<>();

        Seen(String directory) {
            this.directory = Directory.of(directory);
        }

        @Override
        public Directory directory() {
            return directory;
        }

        @Override
        public void changes(List<Change> changes, long revision) {
            offers.add(changes);
        }
    }

    private Seen watch(String directory) {
        Seen seen = new Seen(directory);
        index.add(seen);
        return seen;
    }

    private static Change at(String key) {
        return new Change.Delete(Key.of(key), 1);
    }

    @Test
    void changeReachesEveryDirectoryThatCoversItAndNoOther() {
        Seen root = watch("/");
        Seen a = watch("/a");
        Seen ab = watch("/a/b");
        Seen key = watch("/a/b/c");
        Seen alike = watch("/a/bc");
        assertThat(index.publish(List.of(at("/a/b/c")), 1)).isEqualTo(3);
        assertThat(List.of(root, a, ab))
                .allSatisfy(seen -> assertThat(seen.offers).containsExactly(List.of(at("/a/b/c"))));
        assertThat(key.offers).isEmpty();
        assertThat(alike.offers).isEmpty();
    }

    @Test
    void transactionIsOneOfferWithAllThatTheDirectoryCovers() {
        Seen root = watch("/");
        Seen a = watch("/a");
        Seen b = watch("/b");
        List<Change> all = List.of(at("/a/1"), at("/a/2"), at("/b/1"), at("/c/1"));
        assertThat(index.publish(all, 1)).isEqualTo(3);
        assertThat(root.offers).containsExactly(all);
        assertThat(a.offers).containsExactly(all.subList(0, 2));
        assertThat(b.offers).containsExactly(all.subList(2, 3));
    }

    @Test
    void writeConcernsOnlyTheWatchesOfItsDirectory() {
        for (int i = 0; i < 10_000; i++) {
            watch("/kind/n" + i);
        }
        assertThat(index.publish(List.of(at("/kind/n77/x")), 1)).isEqualTo(1);
        assertThat(index.publish(List.of(at("/other/n77/x")), 2)).isZero();
    }

    @Test
    void removedWatchLeavesNothingBehind() {
        Seen a = watch("/a/b/c");
        Seen twin = watch("/a/b/c");
        index.remove(a);
        index.remove(a);
        index.remove(new Seen("/x/y"));
        index.publish(List.of(at("/a/b/c/d")), 1);
        assertThat(a.offers).isEmpty();
        assertThat(twin.offers).hasSize(1);
        index.remove(twin);
        assertThat(index.isEmpty()).isTrue();
    }

    @Test
    void observersThatCoverAKeyAreAskedAndNoOthers() {
        Seen a = watch("/a");
        watch("/b");
        assertThat(index.anyMatch(Key.of("/a/b/c"), seen -> true)).isTrue();
        assertThat(index.anyMatch(Key.of("/a/b/c"), seen -> seen != a)).isFalse();
        assertThat(index.anyMatch(Key.of("/c/d"), seen -> true)).isFalse();
    }
}
