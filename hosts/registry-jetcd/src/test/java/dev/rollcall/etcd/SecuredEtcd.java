package dev.rollcall.etcd;

import java.nio.file.Path;
import java.util.List;

/** A server that speaks TLS only, and only to those with a certificate. */
public final class SecuredEtcd implements AutoCloseable {
    private final EtcdServer server;
    private final Path authority;
    private final Certificates.Identity client;

    /** Starts one, whose files lie in {@code directory}. */
    public SecuredEtcd(Path directory) {
        Certificates certificates = new Certificates(directory, "authority");
        Certificates.Identity own = certificates.valid("server");
        authority = certificates.authority();
        client = certificates.valid("client");
        server = EtcdServer.start(
                EtcdBinary.underTest(),
                "https",
                List.of(
                        "--cert-file=" + own.certificate(),
                        "--key-file=" + own.key(),
                        "--trusted-ca-file=" + authority,
                        "--client-cert-auth"));
    }

    public String endpoint() {
        return "https://" + server.address();
    }

    public Path authority() {
        return authority;
    }

    public Path certificate() {
        return client.certificate();
    }

    public Path key() {
        return client.key();
    }

    @Override
    public void close() {
        server.close();
    }
}
