package dev.rollcall.kv.support;

import static dev.rollcall.kv.support.BatchQueue.Claim.ADD;
import static dev.rollcall.kv.support.BatchQueue.Claim.READ;
import static dev.rollcall.kv.support.BatchQueue.Claim.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.kv.TestSeed;
import dev.rollcall.kv.support.BatchQueue.Claim;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BatchQueueTest {
    private record Item(String name, int bytes, Map<String, Claim> claims) implements BatchQueue.Job {
        Item(String name, Map<String, Claim> claims) {
            this(name, 1, claims);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private final BatchQueue<Item> queue = new BatchQueue<>(2, 4, 100);

    private void add(String names) {
        for (String name : names.split("")) {
            queue.add(new Item(name, Map.of()));
        }
    }

    private String next() {
        StringBuilder names = new StringBuilder();
        queue.next().forEach(names::append);
        return names.toString();
    }

    @Test
    void aJobIsDueAtOnceWhileFewAreUnderWay() {
        add("a");
        assertThat(next()).isEqualTo("a");
        add("b");
        assertThat(next()).isEqualTo("b");
        add("c");
        assertThat(next()).isEmpty();
    }

    @Test
    void thoseThatWaitCanBeTakenOutAndTheOthersKeepTheirOrder() {
        add("ab");
        next();
        next();
        add("cdefg");
        assertThat(queue.remove(item -> "df".contains(item.name()))).hasToString("[d, f]");
        assertThat(queue.remove(item -> "ab".contains(item.name()))).isEmpty();
        queue.ended();
        assertThat(next()).isEqualTo("ceg");
    }

    @Test
    void theMostThatARequestHoldsMayChange() {
        add("a");
        next();
        add("bcd");
        queue.limitBytes(2);
        assertThat(next()).isEqualTo("bc");
    }

    @Test
    void whatArrivesMeanwhileIsDueTogetherInOrderAndNoMoreThanAllowed() {
        add("a");
        next();
        add("b");
        next();
        add("cdefgh");
        assertThat(next()).isEmpty();
        queue.ended();
        assertThat(next()).isEqualTo("cdef");
        queue.ended();
        assertThat(next()).isEqualTo("gh");
        assertThat(next()).isEmpty();
    }

    @Test
    void aBatchHoldsNoMoreBytesThanAllowedUnlessOneJobDoes() {
        for (int bytes : new int[] {60, 30, 30, 500, 10}) {
            queue.add(new Item("[" + bytes + "]", bytes, Map.of()));
        }
        assertThat(next()).isEqualTo("[60][30]");
        assertThat(next()).isEqualTo("[30]");
        queue.ended();
        assertThat(next()).isEqualTo("[500]");
        queue.ended();
        assertThat(next()).isEqualTo("[10]");
    }

    @Test
    void claimsThatExcludeEachOtherAreKeptApartAndInOrder() {
        queue.add(new Item("a", Map.of("x", WRITE)));
        queue.add(new Item("b", Map.of("x", READ)));
        queue.add(new Item("c", Map.of("y", READ)));
        queue.add(new Item("d", Map.of("x", READ)));
        queue.add(new Item("e", Map.of("y", READ)));
        assertThat(next()).isEqualTo("ace");
        assertThat(next()).isEqualTo("bd");
    }

    @Test
    void readsGoTogetherAndSoDoAdditionsButNotBoth() {
        queue.add(new Item("a", Map.of("x", ADD)));
        queue.add(new Item("b", Map.of("x", READ)));
        queue.add(new Item("c", Map.of("x", ADD)));
        queue.add(new Item("d", Map.of("x", READ)));
        queue.add(new Item("e", Map.of("y", READ)));
        queue.add(new Item("f", Map.of("y", READ)));
        queue.add(new Item("g", Map.of("z", ADD)));
        queue.add(new Item("h", Map.of("z", ADD)));
        // c does not overtake b, nor d c.
        assertThat(next()).isEqualTo("aefg");
        assertThat(next()).isEqualTo("bh");
        assertThat(next()).isEqualTo("c");
        assertThat(next()).isEqualTo("d");
    }

    @Test
    void aJobBehindOneThatWasPassedDoesNotOvertakeIt() {
        queue.add(new Item("a", Map.of("x", WRITE)));
        queue.add(new Item("b", Map.of("x", WRITE, "y", WRITE)));
        queue.add(new Item("c", Map.of("y", WRITE)));
        queue.add(new Item("d", Map.of("z", WRITE)));
        assertThat(next()).isEqualTo("ad");
        assertThat(next()).isEqualTo("b");
    }

    @Test
    void aQueueForOneThingHasMoreRequestsUnderWay() {
        for (int i = 0; i < 40; i++) {
            queue.add(new Item("x", Map.of("x", WRITE)));
        }
        int requests = 0;
        while (!queue.next().isEmpty()) {
            requests++;
        }
        assertThat(requests).isBetween(10, 16);
    }

    @Test
    void whatIsToWaitAgainComesFirst() {
        add("ab");
        List<Item> batch = queue.next();
        add("c");
        queue.addAgain(batch);
        queue.ended();
        assertThat(next()).isEqualTo("abc");
    }

    @Test
    void batchesShrinkOnDemandAndGrowAgain() {
        queue.limit(1);
        add("abcdefgh");
        assertThat(next()).isEqualTo("a");
        queue.ended();
        assertThat(next()).isEqualTo("bc");
        queue.ended();
        assertThat(next()).isEqualTo("def");
    }

    @Test
    void nothingIsLostOrRepeatedAndEveryBatchIsFreeOfConflicts() {
        Random random = TestSeed.random("batches");
        for (int round = 0; round < 300; round++) {
            BatchQueue<Item> any = new BatchQueue<>(1 + random.nextInt(3), 1 + random.nextInt(6), 20);
            List<Item> all = new ArrayList<>();
            List<List<Item>> sent = new ArrayList<>();
            int ended = 0;
            for (int i = 0; i < 60; i++) {
                Map<String, Claim> claims = Map.of("k" + random.nextInt(4), Claim.values()[random.nextInt(3)]);
                all.add(new Item("i" + i, 1 + random.nextInt(9), claims));
                any.add(all.get(i));
                take(any, sent);
                if (ended < sent.size() && random.nextBoolean()) {
                    ended++;
                    any.ended();
                    take(any, sent);
                }
            }
            for (; ended < sent.size(); ended++) {
                any.ended();
                take(any, sent);
            }
            List<Item> order = sent.stream().flatMap(List::stream).toList();
            assertThat(order).containsExactlyInAnyOrderElementsOf(all);
            for (int k = 0; k < 4; k++) {
                String key = "k" + k;
                assertThat(order.stream().filter(item -> item.claims().get(key) == WRITE))
                        .containsExactlyElementsOf(all.stream()
                                .filter(item -> item.claims().get(key) == WRITE)
                                .toList());
            }
        }
    }

    private static void take(BatchQueue<Item> any, List<List<Item>> sent) {
        for (List<Item> batch = any.next(); !batch.isEmpty(); batch = any.next()) {
            sent.add(checked(batch));
        }
    }

    private static List<Item> checked(List<Item> batch) {
        Set<String> written = new HashSet<>();
        Set<String> claimed = new HashSet<>();
        for (Item item : batch) {
            item.claims().forEach((key, claim) -> {
                assertThat(written).doesNotContain(key);
                if (claim == WRITE) {
                    assertThat(claimed).doesNotContain(key);
                    written.add(key);
                }
                claimed.add(key);
            });
        }
        return batch;
    }
}
