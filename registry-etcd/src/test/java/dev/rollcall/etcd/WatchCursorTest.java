package dev.rollcall.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Directory;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchResponse;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The cursor, and how messages are put together, without a server. */
class WatchCursorTest {
    private final List<String> told = new ArrayList<>();
    private boolean failing;
    private final WatchCursor watch =
            new WatchCursor(new KeySpace("/p"), Directory.of("/d"), new WatchCursor.Receiver() {
                @Override
                public void changes(List<Change> changes, long revision) {
                    failIfAsked();
                    told.add(changes.stream().map(Change::revision).toList() + "@" + revision);
                }

                @Override
                public void compacted(long cursor, long compacted) {
                    failIfAsked();
                    told.add("compacted " + cursor + " " + compacted);
                }

                @Override
                public void refused(String reason, @Nullable String token) {
                    failIfAsked();
                    told.add(reason);
                }

                @Override
                public void denied(Refusal refusal) {
                    failIfAsked();
                    told.add(refusal.reason());
                }

                @Override
                public void unusable(String reason) {
                    failIfAsked();
                    told.add(reason);
                }

                @Override
                public void crashed(long cursor, Throwable cause) {
                    told.add("crashed " + cursor + " " + cause.getMessage());
                }
            });

    private void failIfAsked() {
        if (failing) {
            throw new OutOfMemoryError("made up by a test");
        }
    }

    private static WatchResponse message(long header, long... revisions) {
        WatchResponse.Builder message =
                WatchResponse.newBuilder().setHeader(ResponseHeader.newBuilder().setRevision(header));
        for (long revision : revisions) {
            message.addEvents(Event.newBuilder()
                    .setKv(KeyValue.newBuilder()
                            .setKey(ByteString.copyFromUtf8("/p/d/k" + message.getEventsCount()))
                            .setModRevision(revision)));
        }
        return message.build();
    }

    @Test
    void piecesAreDeliveredInWholeRevisions() {
        watch.moveTo(4);
        watch.told(message(9, 5, 5, 6), true);
        assertThat(told).containsExactly("[5, 5]@5");
        watch.told(message(9, 6), true);
        watch.told(message(9, 6), true);
        assertThat(told).hasSize(1);
        watch.told(message(9, 6, 7), false);
        assertThat(told).containsExactly("[5, 5]@5", "[6, 6, 6, 6, 7]@7");
        assertThat(watch.cursor()).isEqualTo(7);
    }

    @Test
    void piecesOfAStreamThatEndedAreForgotten() {
        watch.moveTo(4);
        watch.told(message(9, 5), true);
        watch.begun();
        watch.told(message(9, 5, 5), false);
        assertThat(told).containsExactly("[5, 5]@5");
    }

    @Test
    void whatIsNotAfterTheCursorIsDropped() {
        watch.moveTo(5);
        watch.told(message(9, 4, 5, 6), false);
        watch.told(message(9, 6), false);
        assertThat(told).containsExactly("[6]@6");
    }

    @Test
    void headerOfAMessageWithEventsMovesNothing() {
        watch.moveTo(5);
        watch.told(message(20, 6), false);
        assertThat(watch.cursor()).isEqualTo(6);
    }

    @Test
    void progressMovesTheCursorForwardOnly() {
        watch.moveTo(5);
        watch.told(message(8), false);
        assertThat(watch.cursor()).isEqualTo(8);
        watch.told(message(7), false);
        assertThat(watch.cursor()).isEqualTo(8);
        assertThat(told).isEmpty();
    }

    @Test
    void endThatCouldNotBeTakenIsToldAsACrash() {
        watch.moveTo(4);
        failing = true;
        watch.refused(9, "", null);
        watch.refused(0, "some reason", null);
        watch.denied(new Refusal(Refusal.Kind.DENIED, "some reason", null));
        watch.unusable("some reason");
        assertThat(told).hasSize(4).containsOnly("crashed 4 made up by a test");
    }

    @Test
    void whatCouldNotBeTakenIsOwedFromBeforeIt() {
        watch.moveTo(4);
        watch.told(message(9, 5), false);
        failing = true;
        watch.told(message(9, 6, 7), false);
        assertThat(told).containsExactly("[5]@5", "crashed 5 made up by a test");
    }

    @Test
    void onlyWhatLiesBelowTheDirectoryIsCovered() {
        assertThat(watch.covers(message(9))).isTrue();
        assertThat(watch.covers(message(9, 5, 6))).isTrue();
        for (String foreign : List.of("/p/d", "/p/dd/k", "/p/e/k", "/q/d/k", "")) {
            WatchResponse mixed = message(9, 5).toBuilder()
                    .addEvents(Event.newBuilder()
                            .setKv(KeyValue.newBuilder()
                                    .setKey(ByteString.copyFromUtf8(foreign))
                                    .setModRevision(6)))
                    .build();
            assertThat(watch.covers(mixed)).as(foreign).isFalse();
        }
    }

    @Test
    void compactionTellsWhatWasOwed() {
        watch.moveTo(5);
        watch.refused(9, "", null);
        watch.refused(0, "because", null);
        assertThat(told).containsExactly("compacted 5 9", "because");
    }

    @Test
    void fieldsThatJetcdDoesNotKnowAreOnTheWire() throws InvalidProtocolBufferException {
        WatchCreateRequest request = WatchFields.identified(WatchCreateRequest.newBuilder(), 42);
        UnknownFieldSet sent = UnknownFieldSet.parseFrom(request.toByteArray());
        assertThat(sent.getField(7).getVarintList()).containsExactly(42L);
        assertThat(sent.getField(8).getVarintList()).containsExactly(1L);
        UnknownFieldSet piece = UnknownFieldSet.newBuilder()
                .addField(7, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                .build();
        assertThat(WatchFields.isPiece(
                        WatchResponse.newBuilder().setUnknownFields(piece).build()))
                .isTrue();
        assertThat(WatchFields.isPiece(WatchResponse.getDefaultInstance())).isFalse();
    }
}
