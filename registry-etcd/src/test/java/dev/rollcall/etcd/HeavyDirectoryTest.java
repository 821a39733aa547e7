package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.rollcall.kv.Bytes;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackends;
import dev.rollcall.kv.Limits;
import dev.rollcall.tck.server.Direction;
import dev.rollcall.tck.server.Tap;
import dev.rollcall.tck.server.TcpProxy;
import io.etcd.jetcd.api.RangeRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lists ask for no more at once than a server and a client can hold. */
class HeavyDirectoryTest {
    private static final Directory HEAVY = Directory.of("/heavy");
    private static final Directory LIGHT = Directory.of("/light");
    private static final int HEAVY_ENTRIES = 40;
    private static final int LIGHT_ENTRIES = 300;
    private static final int LIGHT_BEFORE = 3_000;

    private final List<Long> pages = new CopyOnWriteArrayList<>();
    /** Where each of the pages begins. */
    private final List<String> starts = new CopyOnWriteArrayList<>();

    private EtcdServer server;
    private TcpProxy proxy;
    private KvBackend backend;

    @BeforeEach
    void open() {
        server = EtcdServer.start(EtcdBinary.underTest());
        proxy = TcpProxy.to(server.port());
        proxy.tap(PageTap::new);
        backend = KvBackends.open("etcd://" + proxy.address() + "/pages?timeout=60s");
        Bytes large = Bytes.unsafeWrap(new byte[Limits.MAX_VALUE_BYTES]);
        for (int i = 0; i < HEAVY_ENTRIES; i++) {
            Await.result(backend.put(HEAVY.key("k" + i), large));
        }
        List<CompletableFuture<?>> puts = new ArrayList<>();
        for (int i = 0; i < LIGHT_ENTRIES; i++) {
            puts.add(backend.put(LIGHT.key("k" + i), Bytes.ofUtf8("v")));
        }
        puts.forEach(Await::result);
    }

    @AfterEach
    void close() {
        backend.close();
        proxy.close();
        server.close();
    }

    @Test
    void noPageOfHeavyEntriesIsLargerThanAMessageMayBe() {
        for (int round = 0; round < 2; round++) {
            pages.clear();
            assertThat(Await.result(backend.list(HEAVY)).entries()).hasSize(HEAVY_ENTRIES);
            assertThat(pages)
                    .isNotEmpty()
                    .allMatch(limit -> limit * Limits.MAX_VALUE_BYTES < MemberConnection.MAX_MESSAGE_BYTES);
        }
        assertThat(pages).as("pages of a list of what is known to be heavy").allMatch(limit -> limit <= 4);
    }

    @Test
    void whatIsKnownToBeLightIsReadByOnePage() {
        assertThat(Await.result(backend.list(LIGHT)).entries()).hasSize(LIGHT_ENTRIES);
        pages.clear();
        assertThat(Await.result(backend.list(LIGHT)).entries()).hasSize(LIGHT_ENTRIES);
        assertThat(pages).hasSize(1);
    }

    @Test
    void keysOfWhatIsKnownToBeHeavyAreReadInSmallPages() {
        Await.result(backend.list(HEAVY));
        pages.clear();
        assertThat(Await.result(backend.keys(HEAVY)).keys()).hasSize(HEAVY_ENTRIES);
        assertThat(pages).isNotEmpty().allMatch(limit -> limit <= 4);
    }

    @Test
    void whatIsHeavyBehindWhatIsLightIsReadInGoodMeasure() {
        Directory mixed = Directory.of("/mixed");
        NavigableMap<String, Integer> sizes = new TreeMap<>();
        IntStream.range(0, LIGHT_BEFORE).forEach(i -> sizes.put(String.format("a%04d", i), 1));
        IntStream.range(0, HEAVY_ENTRIES).forEach(i -> sizes.put(String.format("b%04d", i), Limits.MAX_VALUE_BYTES));
        IntStream.range(0, LIGHT_ENTRIES).forEach(i -> sizes.put(String.format("c%04d", i), 1));
        List<CompletableFuture<?>> puts = new ArrayList<>();
        sizes.forEach((name, size) -> {
            CompletableFuture<?> put = backend.put(mixed.key(name), Bytes.unsafeWrap(new byte[size]));
            if (size > 1) {
                Await.result(put);
            }
            puts.add(put);
        });
        puts.forEach(Await::result);
        pages.clear();
        assertThat(Await.result(backend.keys(mixed)).keys()).hasSize(sizes.size());
        assertThat(pages)
                .as("pages of names that nothing is known of")
                .isNotEmpty()
                .allMatch(limit -> limit <= 256);
        for (int round = 0; round < 3; round++) {
            pages.clear();
            starts.clear();
            assertThat(Await.result(backend.list(mixed)).entries()).hasSize(sizes.size());
            for (int i = 0; i < pages.size(); i++) {
                long limit = pages.get(i);
                assertThat(limit)
                        .as("the page after one of %s", pages.subList(0, i))
                        .isLessThanOrEqualTo(i == 0 ? 16_000 : pages.get(i - 1) * 4);
                if (round > 0) {
                    String start = starts.get(i).substring("/pages/mixed/".length());
                    assertThat(sizes.tailMap(start).values().stream()
                                    .limit(limit)
                                    .mapToLong(size -> size)
                                    .sum())
                            .as("bytes of the page at '%s' of %s in round %s", start, limit, round)
                            .isLessThan(MemberConnection.MAX_MESSAGE_BYTES);
                }
            }
        }
    }

    /** Notes the limits of the ranges that are asked for. */
    private final class PageTap implements Tap {
        private final Http2Frames requests = new Http2Frames(Http2Frames.CLIENT_PREFACE);

        @Override
        public Verdict see(Direction direction, byte[] bytes, int length) {
            return direction == Direction.REPLIES
                    ? Verdict.PASS
                    : requests.feed(bytes, length, (type, stream, payload) -> {
                        if (type == Http2Frames.DATA) {
                            look(Http2Frames.message(payload));
                        }
                        return Verdict.PASS;
                    });
        }

        private void look(byte[] message) {
            try {
                RangeRequest range = RangeRequest.parseFrom(message);
                if (range.getKey().toStringUtf8().startsWith("/pages/") && range.getLimit() > 0) {
                    starts.add(range.getKey().toStringUtf8());
                    pages.add(range.getLimit());
                }
            } catch (InvalidProtocolBufferException e) {
                // Another request, or a part of one.
                return;
            }
        }
    }
}
