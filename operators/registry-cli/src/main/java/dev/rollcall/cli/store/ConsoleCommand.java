package dev.rollcall.cli.store;

import dev.rollcall.cli.support.ExitCode;
import dev.rollcall.cli.support.FileProblem;
import dev.rollcall.cli.support.Output;
import dev.rollcall.cli.support.PlainText;
import dev.rollcall.cli.support.StoreOptions;
import dev.rollcall.cli.support.UsageException;
import dev.rollcall.console.Console;
import dev.rollcall.console.ConsoleOptions;
import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.registry.NodeLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rollcall console}. */
@Command(
        name = "console",
        mixinStandardHelpOptions = true,
        description = "Shows the store on a page in the browser, live: nodes, keys, locks and elections, and the store"
                + " itself. Read-only unless told otherwise; on this machine only unless told otherwise, and then"
                + " with a token.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  rollcall console",
            "  rollcall console --directory /team-a --allow-changes",
            "  rollcall console --listen 0.0.0.0:8790 --tls-certificate server.pem --tls-key server.key"
        })
public final class ConsoleCommand implements Callable<Integer> {
    private static final int TOKEN_BYTES = 24;

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Mixin
    private Output output = new Output();

    @Option(
            names = "--listen",
            paramLabel = "ADDRESS:PORT",
            defaultValue = "127.0.0.1:8790",
            description = "Where to listen. Port 0 takes a free one. Default: ${DEFAULT-VALUE}.")
    private String listen = "127.0.0.1:8790";

    @Option(names = "--allow-changes", description = "Let the page change the store.")
    private boolean allowChanges;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description =
                    "The file with the token that browsers must show. Default: $$ROLLCALL_CONSOLE_TOKEN; where others"
                            + " can reach the console and there is none, one is made and printed.")
    private @Nullable Path tokenFile;

    @Option(
            names = "--host",
            paramLabel = "NAME",
            description =
                    "A name under which browsers may reach the console, such as that of a proxy. May be repeated.")
    private List<String> hosts = List.of();

    @Option(
            names = "--tls-certificate",
            paramLabel = "FILE",
            description = "Serve HTTPS with this certificate chain (PEM).")
    private @Nullable Path certificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "Its private key (PEM, PKCS #8, not encrypted).")
    private @Nullable Path key;

    @Option(
            names = "--directory",
            paramLabel = "KEY",
            description =
                    "A directory to show, for users who may not read everything. May be repeated. Default: the whole"
                            + " store.")
    private List<Directory> directories = List.of();

    @Option(
            names = "--registry",
            paramLabel = "ROOT",
            description = "The root of a registry in TiDB's layout that is not found by itself. May be repeated.")
    private List<Directory> registries = List.of();

    @Override
    public Integer call() throws InterruptedException {
        ConsoleOptions.Builder options = ConsoleOptions.builder().allowChanges(allowChanges);
        InetSocketAddress address = address(listen);
        options.listen(address);
        String given = token();
        boolean reachable =
                address.getAddress() != null && !address.getAddress().isLoopbackAddress();
        boolean isMade = given == null && reachable;
        String token = isMade ? newToken() : given;
        ConsoleOptions built = built(options, token);
        try (KvBackend backend = store.openToRead(output);
                Console console = started(backend, built)) {
            String url = console.url() + (isMade ? "?token=" + token : "");
            output.line("The console of " + PlainText.of(backend.name()) + " is at " + url);
            if (reachable && certificate == null) {
                output.err()
                        .println("rollcall: Note: without --tls-certificate the token crosses the network in clear.");
                output.err().flush();
            }
            new CountDownLatch(1).await();
        }
        return ExitCode.OK;
    }

    private static Console started(KvBackend backend, ConsoleOptions options) {
        try {
            return Console.start(backend, options);
        } catch (UncheckedIOException e) {
            // The address is taken or another machine's: no fault of this program.
            Throwable why = e.getCause();
            throw new UsageException(String.valueOf(why == null ? e.getMessage() : why.getMessage()));
        }
    }

    private ConsoleOptions built(ConsoleOptions.Builder options, @Nullable String token) {
        try {
            if (token != null) {
                options.token(token);
            }
            hosts.forEach(options::host);
            if (certificate != null && key != null) {
                options.tls(certificate, key);
            } else if (certificate != null || key != null) {
                throw new UsageException("--tls-certificate and --tls-key are given together.");
            }
            directories.forEach(options::directory);
            registries.forEach(root -> options.registry(root, NodeLayout.TIDB_BINLOG));
            BackendUrl url = store.url();
            if (url.user().isEmpty()) {
                options.backendUrl(url.toString());
            }
            return options.build();
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    private @Nullable String token() {
        if (tokenFile == null) {
            String variable = System.getenv("ROLLCALL_CONSOLE_TOKEN");
            return variable == null || variable.isBlank() ? null : variable.strip();
        }
        try {
            return Files.readString(tokenFile).strip();
        } catch (IOException e) {
            throw new UsageException("The file of the token cannot be read: " + FileProblem.of(e) + ".");
        }
    }

    private static String newToken() {
        byte[] random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    private static InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        try {
            String host = colon < 0 ? text : text.substring(0, colon);
            int port = colon < 0 ? ConsoleOptions.DEFAULT_PORT : Integer.parseInt(text.substring(colon + 1));
            return new InetSocketAddress(host.replaceAll("^\\[(.*)]$", "$1"), port);
        } catch (IllegalArgumentException e) {
            throw new UsageException("'" + PlainText.of(text)
                    + "' is not where one can listen: it is an address and a port, such as 127.0.0.1:8790.");
        }
    }
}
