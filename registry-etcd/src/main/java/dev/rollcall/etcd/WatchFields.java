package dev.rollcall.etcd;

import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchResponse;

/**
 * The fields of etcd's watch protocol that jetcd's generated messages do not know: they were added to etcd in 3.4, and are sent and read
 * here by their numbers.
 */
final class WatchFields {
    private static final int CREATE_WATCH_ID = 7;
    private static final int CREATE_FRAGMENT = 8;
    private static final int RESPONSE_FRAGMENT = 7;

    private WatchFields() {}

    /** Gives a watch an id of our choice, and lets etcd cut its large messages into pieces. */
    static WatchCreateRequest identified(WatchCreateRequest.Builder request, long id) {
        return request.setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                CREATE_WATCH_ID,
                                Field.newBuilder().addVarint(id).build())
                        .addField(
                                CREATE_FRAGMENT, Field.newBuilder().addVarint(1).build())
                        .build())
                .build();
    }

    /** Whether the message is a piece of a larger one, and not its last. */
    static boolean isPiece(WatchResponse response) {
        UnknownFieldSet unknown = response.getUnknownFields();
        return unknown.hasField(RESPONSE_FRAGMENT)
                && unknown.getField(RESPONSE_FRAGMENT).getVarintList().contains(1L);
    }
}
