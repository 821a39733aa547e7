package dev.rollcall.etcd;

import static java.util.Objects.requireNonNull;

import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.support.Durations;
import io.grpc.ClientInterceptor;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * Opens a backend on etcd with settings that a URL cannot express: a context for TLS, an authority, interceptors. It is meant for modules that translate
 * the configuration of another client; an application should use a URL if it can, since that keeps it independent of its store.
 *
 * <p>Not for use by several threads at once.
 */
public final class EtcdBackendBuilder {

    private final List<Endpoint> endpoints;
    private String prefix = "";
    private Duration timeout = EtcdOptions.DEFAULT_TIMEOUT;
    private @Nullable Credentials credentials;
    private @Nullable OwnTls tls;
    private @Nullable String authority;
    private EtcdOptions.@Nullable Pings pings;
    private List<ClientInterceptor> interceptors = List.of();

    private EtcdBackendBuilder(List<Endpoint> endpoints) {
        this.endpoints = endpoints;
    }

    /**
     * Settings for members at these places, each {@code host} or {@code host:port}; the port is 2379 if none is given.
     *
     * @throws IllegalArgumentException if there are none, or one can never be
     */
    public static EtcdBackendBuilder at(List<String> endpoints) {
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("A store on etcd needs at least one member, such as localhost:2379.");
        }
        return new EtcdBackendBuilder(EtcdOptions.endpoints(endpoints));
    }

    /**
     * What stands before the path of each key, byte for byte; nothing by default.
     *
     * @throws IllegalArgumentException if it ends with a slash, is no text, or is too long
     */
    public EtcdBackendBuilder prefix(String before) {
        prefix = EtcdOptions.checkedPrefix(before);
        return this;
    }

    /**
     * How long an operation may take; 5 seconds by default.
     *
     * @throws IllegalArgumentException if it is not positive, or longer than 365 days
     */
    public EtcdBackendBuilder timeout(Duration limit) {
        if (!Durations.isAllowed(limit)) {
            throw new IllegalArgumentException(
                    "The timeout must be positive and at most 365 days, but it is " + limit + ".");
        }
        timeout = limit;
        return this;
    }

    /**
     * Whom to be; nobody by default.
     *
     * @throws IllegalArgumentException if one of them is empty
     */
    public EtcdBackendBuilder user(String name, String password) {
        if (name.isEmpty() || password.isEmpty()) {
            throw new IllegalArgumentException("The user and the password must not be empty, but the "
                    + (name.isEmpty() ? "user" : "password") + " is.");
        }
        credentials = Credentials.of(name, password);
        return this;
    }

    /** Speaks TLS, by this context; without it in the clear. Certificates are checked against the member's name, or the {@link #authority}. */
    public EtcdBackendBuilder tls(SSLContext context) {
        return tls(context, new SSLParameters());
    }

    /** Likewise, and with no other protocols and cipher suites than these; where they are null, with those of the context. */
    public EtcdBackendBuilder tls(SSLContext context, SSLParameters limits) {
        tls = new OwnTls(requireNonNull(context, "context"), requireNonNull(limits, "limits"));
        return this;
    }

    /** What every member is called in requests and by TLS, in place of its own name. */
    public EtcdBackendBuilder authority(String name) {
        authority = requireNonNull(name, "name");
        return this;
    }

    /**
     * Asks on each connection that has been silent for {@code interval} whether the other end is still there, and gives it up after {@code patience};
     * never by default, since a member that does not answer is noticed without it. etcd takes it amiss if it is asked more often than every 5 seconds.
     *
     * @param withoutCalls whether also while no request is under way
     * @throws IllegalArgumentException if a duration is not positive
     */
    public EtcdBackendBuilder pings(Duration interval, Duration patience, boolean withoutCalls) {
        if (interval.toMillis() <= 0 || patience.toMillis() <= 0) {
            throw new IllegalArgumentException(
                    "The times of pings must be positive, but they are " + interval + " and " + patience + ".");
        }
        pings = new EtcdOptions.Pings(interval, patience, withoutCalls);
        return this;
    }

    /**
     * Puts interceptors around each call; the last one sees a call first. They run on threads for code of the application, and may block. One that fails
     * has the call fail, which is tried again until the deadline. A request passes once: it is sent again by the store alone, where that is safe.
     */
    public EtcdBackendBuilder interceptors(List<ClientInterceptor> around) {
        interceptors = List.copyOf(around);
        return this;
    }

    /** Opens a handle and does not wait for etcd. */
    public KvBackend open() {
        return EtcdBackend.open(options());
    }

    EtcdOptions options() {
        return new EtcdOptions(
                endpoints,
                prefix,
                timeout,
                true,
                credentials,
                null,
                new EtcdOptions.Connecting(false, tls, authority, pings, interceptors));
    }
}
