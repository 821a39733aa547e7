package dev.rollcall.jetcd;

import static java.util.Objects.requireNonNull;

import dev.rollcall.etcd.EtcdBackendBuilder;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvBackend;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.ClientBuilder;
import io.grpc.ClientInterceptor;
import io.netty.handler.ssl.SslContext;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens stores on etcd by the configuration of a jetcd client.
 *
 * <p>What connects is Rollcall's own client; jetcd's is never built. Of the builder these are used, as they are when the store is opened:
 *
 * <ul>
 *   <li>the endpoints, or a target of the forms {@code ip:}, {@code dns:}, {@code http:} and {@code https:}, and the authority;
 *   <li>user and password, and the headers and interceptors for authentication;
 *   <li>the namespace, as what stands before every name;
 *   <li>the {@code sslContext}, if it is one of the JDK's TLS;
 *   <li>headers and interceptors;
 *   <li>{@code keepaliveTime}, {@code keepaliveTimeout} and {@code keepaliveWithoutCalls}.
 * </ul>
 *
 * <p>These have no effect, which one line of the log says where they are set: the retry settings and {@code waitForReady}, since a store sends again what
 * surely had no effect until its timeout; the load balancer, since a handle keeps to one member and looks for another when it must; {@code connectTimeout}
 * and {@code maxInboundMessageSize}, which the store chooses; the executor and Vert.x, since it has threads of its own.
 */
public final class JetcdStores {
    private static final Logger LOG = LoggerFactory.getLogger(JetcdStores.class);

    private JetcdStores() {}

    /**
     * Opens a handle and does not wait for etcd. A key of the store is, for a jetcd client of the same builder, the name that consists of {@code root} and
     * the key's path; where the namespace ends with a slash, that is the path's first, so that {@code /workers/a} is {@code workers/a} to the client.
     *
     * @param builder not kept, nor changed; what is set later has no effect
     * @param root the directory in which the keys of the store lie, below the namespace; the root for all of it
     * @param timeout how long an operation may take
     * @throws IllegalArgumentException naming the setting that is missing or cannot be used, and what to do instead
     */
    public static KvBackend open(ClientBuilder builder, Directory root, Duration timeout) {
        requireNonNull(root, "root");
        requireNonNull(timeout, "timeout");
        SslContext tls = builder.sslContext();
        Target target = Target.of(builder.target(), tls != null);
        EtcdBackendBuilder settings = EtcdBackendBuilder.at(target.members())
                .prefix(prefix(builder.namespace(), root))
                .timeout(timeout);
        identify(settings, builder);
        String authority = builder.authority() == null ? target.authority() : builder.authority();
        if (authority != null) {
            settings.authority(authority);
        }
        if (tls != null) {
            HostTls own = HostTls.of(tls);
            settings.tls(own.context(), own.limits());
        }
        Duration interval = builder.keepaliveTime();
        if (interval != null) {
            settings.pings(
                    interval,
                    // gRPC's own values, where the builder has none.
                    builder.keepaliveTimeout() == null ? Duration.ofSeconds(20) : builder.keepaliveTimeout(),
                    Boolean.TRUE.equals(builder.keepaliveWithoutCalls()));
        }
        settings.interceptors(interceptors(builder));
        // Before anything is open that would have to be closed, should another version of jetcd lack a getter.
        List<String> ignored = Ignored.of(builder);
        KvBackend store = settings.open();
        if (!ignored.isEmpty()) {
            LOG.info(
                    "The store {} is opened by the settings of a jetcd client; these have no effect on it: {}.",
                    store.name(),
                    String.join(", ", ignored));
        }
        return store;
    }

    private static void identify(EtcdBackendBuilder settings, ClientBuilder builder) {
        ByteSequence user = builder.user();
        ByteSequence password = builder.password();
        if (user == null && password == null) {
            return;
        }
        if (user == null || password == null) {
            throw new IllegalArgumentException("The ClientBuilder names a "
                    + (user == null ? "password but no user" : "user but no password") + "; set both, or neither.");
        }
        settings.user(text("user", user), text("password", password));
    }

    private static String prefix(ByteSequence namespace, Directory root) {
        String before = text("namespace", namespace);
        // What follows begins with a slash.
        String stem = before.endsWith("/") ? before.substring(0, before.length() - 1) : before;
        return root.isRoot() ? stem : stem + root.path();
    }

    /** The bytes as text. What they are is not repeated in the message, since they may be a password. */
    private static String text(String setting, ByteSequence bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.getBytes()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("The " + setting + " of the ClientBuilder is not UTF-8.", e);
        }
    }

    /** In the order in which jetcd has them: the last one sees a call first. */
    private static List<ClientInterceptor> interceptors(ClientBuilder builder) {
        List<ClientInterceptor> all = new ArrayList<>();
        if (!builder.headers().isEmpty()) {
            all.add(new HeaderInterceptor(builder.headers()));
        }
        all.addAll(orNone(builder.interceptors()));
        List<ClientInterceptor> forAuthentication = new ArrayList<>();
        if (!builder.authHeaders().isEmpty()) {
            forAuthentication.add(new HeaderInterceptor(builder.authHeaders()));
        }
        forAuthentication.addAll(orNone(builder.authInterceptors()));
        if (!forAuthentication.isEmpty()) {
            all.add(new AuthenticationInterceptor(forAuthentication));
        }
        return all;
    }

    private static List<ClientInterceptor> orNone(@Nullable List<ClientInterceptor> interceptors) {
        return interceptors == null ? List.of() : interceptors;
    }
}
