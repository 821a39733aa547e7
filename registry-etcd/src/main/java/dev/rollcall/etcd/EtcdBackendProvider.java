package dev.rollcall.etcd;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackendProvider;
import java.util.Set;

/**
 * Opens backends on etcd.
 *
 * <pre>
 * etcd://[user:password@]host[:2379][,host[:2379]…][/prefix][?timeout=5s]
 * etcd://…?prefix=pre/fix     as above, where names do not begin with a slash
 * etcd://user@…?password-file=FILE   as above, the password in a file that may change
 * etcds://… as above, over TLS; with the further options ca, cert, key and server-name
 * </pre>
 *
 * <p>{@code docs/backends/etcd.md} describes the options and how data lies in etcd.
 */
public final class EtcdBackendProvider implements KvBackendProvider {
    /** For {@link java.util.ServiceLoader}. */
    public EtcdBackendProvider() {}

    @Override
    public Set<String> schemes() {
        return Set.of("etcd", "etcds");
    }

    @Override
    public KvBackend open(BackendUrl url) {
        return EtcdBackend.open(EtcdOptions.of(requireNonNull(url, "url")));
    }

    @Override
    public void check(BackendUrl url) {
        EtcdOptions.of(requireNonNull(url, "url"));
    }
}
