package dev.rollcall.coordination;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.KeyValue;

/**
 * Who leads.
 *
 * @param candidateId what the leader calls itself
 * @param token the token of its term; a later term has a greater revision
 */
public record Leader(String candidateId, FencingToken token) {
    public Leader {
        requireNonNull(candidateId, "candidateId");
        requireNonNull(token, "token");
    }

    static Leader of(KeyValue entry) {
        return new Leader(TicketRecord.ownerIn(entry.value()), new FencingToken(entry.key(), entry.revision()));
    }
}
