package dev.rollcall.etcd;

import dev.rollcall.tck.nemesis.Cluster.Disruption;
import dev.rollcall.tck.nemesis.Fault;
import io.etcd.jetcd.api.AuthDisableRequest;
import io.etcd.jetcd.api.AuthEnableRequest;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthRoleAddRequest;
import io.etcd.jetcd.api.AuthRoleGrantPermissionRequest;
import io.etcd.jetcd.api.AuthUserAddRequest;
import io.etcd.jetcd.api.AuthUserGrantRoleRequest;
import io.etcd.jetcd.api.Permission;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who may use the servers of a cluster, and what protects the connections to them. */
final class EtcdSecurity {
    /** What proves who a user is. */
    enum Auth {
        /** Nothing: everybody may do everything. */
        NONE,
        /** Tokens that the servers remember, until they are restarted. */
        SIMPLE,
        /** Tokens that the servers sign, which expire after {@value #TOKEN_SECONDS} s. */
        JWT;

        /** The one that is asked for, or nothing. */
        static Auth of(@Nullable String wanted) {
            for (Auth auth : values()) {
                if (wanted == null || auth.name().toLowerCase(Locale.ROOT).equals(wanted)) {
                    return auth;
                }
            }
            throw new IllegalArgumentException(
                    "The option auth=" + wanted + " is none of auth=none, auth=simple and auth=jwt.");
        }
    }

    /** So that many expire in each round of a run. */
    static final int TOKEN_SECONDS = 3;

    static final EtcdAdmin.Account ROOT = new EtcdAdmin.Account("root", "s3cret-root");

    private static final EtcdAdmin.Account APP = new EtcdAdmin.Account("app", "s3cret-app");
    private static final String SUBJECT = "server";

    private final Auth auth;
    private final Path directory;
    private final @Nullable Certificates certificates;

    /** Keeps keys and certificates in {@code directory}. */
    EtcdSecurity(Auth auth, boolean tls, Path directory) {
        this.auth = auth;
        this.directory = directory;
        if (auth == Auth.NONE && !tls) {
            this.certificates = null;
            return;
        }
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.certificates = tls ? new Certificates(directory, "authority") : null;
        if (certificates != null) {
            certificates.valid(SUBJECT);
        }
    }

    /** What follows the name of a cluster in reports. */
    String name() {
        return (auth == Auth.NONE ? "" : ", " + auth.name().toLowerCase(Locale.ROOT) + " tokens")
                + (certificates == null ? "" : ", TLS");
    }

    boolean hasUsers() {
        return auth != Auth.NONE;
    }

    /** Whether nobody else can read what clients and members say to each other. */
    boolean encrypts() {
        return certificates != null;
    }

    String scheme() {
        return certificates == null ? "http" : "https";
    }

    List<String> serverOptions() {
        List<String> options = new ArrayList<>();
        if (certificates != null) {
            options.add("--cert-file=" + directory.resolve(SUBJECT + ".pem"));
            options.add("--key-file=" + directory.resolve(SUBJECT + "-key.pem"));
        }
        if (auth == Auth.JWT) {
            options.add(signing());
        }
        return options;
    }

    private String signing() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            KeyPair keys = generator.generateKeyPair();
            return "--auth-token=jwt,sign-method=RS256,ttl=" + TOKEN_SECONDS + "s,pub-key="
                    + pem("PUBLIC KEY", keys.getPublic()) + ",priv-key=" + pem("PRIVATE KEY", keys.getPrivate());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path pem(String name, Key key) {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded());
        try {
            return Files.writeString(
                    directory.resolve(name.replace(' ', '-') + ".pem"),
                    "-----BEGIN " + name + "-----\n" + text + "\n-----END " + name + "-----\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    EtcdAdmin admin(int port) {
        return new EtcdAdmin(port, certificates == null ? null : certificates.authority());
    }

    /** The URL by which a user of the application reaches the store. */
    String url(String addresses, String prefix, String options) {
        return (certificates == null ? "etcd://" : "etcds://")
                + (auth == Auth.NONE ? "" : APP.user() + ":" + APP.password() + "@")
                + addresses + prefix + "?" + options
                + (certificates == null ? "" : "&ca=" + certificates.authority());
    }

    /** Makes the users and has them asked for their passwords: root, and one who may use what is below {@code prefix}. */
    void begin(String prefix, List<EtcdAdmin> admins) {
        if (auth == Auth.NONE) {
            return;
        }
        AuthGrpc.AuthBlockingStub users = admins.get(0).users();
        for (EtcdAdmin.Account account : List.of(ROOT, APP)) {
            users.userAdd(AuthUserAddRequest.newBuilder()
                    .setName(account.user())
                    .setPassword(account.password())
                    .build());
            users.roleAdd(
                    AuthRoleAddRequest.newBuilder().setName(account.user()).build());
            users.userGrantRole(AuthUserGrantRoleRequest.newBuilder()
                    .setUser(account.user())
                    .setRole(account.user())
                    .build());
        }
        users.roleGrantPermission(AuthRoleGrantPermissionRequest.newBuilder()
                .setName(APP.user())
                .setPerm(Permission.newBuilder()
                        .setPermType(Permission.Type.READWRITE)
                        .setKey(EtcdAdmin.bytes(prefix + "/"))
                        .setRangeEnd(EtcdAdmin.bytes(prefix + "0")))
                .build());
        users.authEnable(AuthEnableRequest.getDefaultInstance());
        admins.forEach(admin -> admin.signInAs(ROOT));
    }

    /** What {@code fault} does to it; {@code admin} reaches a member that serves. */
    Optional<Disruption> disruption(Fault fault, EtcdAdmin admin) {
        if (fault == Fault.AUTH_OFF_ON && auth != Auth.NONE) {
            return Optional.of(undo -> {
                undo.accept(() -> admin.users().authEnable(AuthEnableRequest.getDefaultInstance()));
                admin.users().authDisable(AuthDisableRequest.getDefaultInstance());
            });
        }
        if (fault == Fault.ROTATE_CERTIFICATES && certificates != null) {
            Certificates authority = certificates;
            // The servers read the files anew at each handshake.
            return Optional.of(undo -> authority.valid(SUBJECT));
        }
        return Optional.empty();
    }
}
