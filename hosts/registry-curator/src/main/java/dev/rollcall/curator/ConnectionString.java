package dev.rollcall.curator;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Supplier;
import org.apache.zookeeper.client.ConnectStringParser;
import org.jspecify.annotations.Nullable;

/** What the application says of its ensemble: the addresses, which may change, and a path behind them, which must not. */
final class ConnectionString {
    private final Supplier<@Nullable String> source;
    private final String chroot;

    /**
     * The connection string that {@code source} has each time.
     *
     * @throws IllegalArgumentException if there is none now, or it is none of ZooKeeper's
     */
    ConnectionString(Supplier<@Nullable String> source) {
        this.source = source;
        this.chroot = chroot(parsed());
    }

    /** The path behind the addresses, below which everything is; empty if there is none. */
    String chroot() {
        return chroot;
    }

    /**
     * The addresses of now, each as {@code host:port}.
     *
     * @throws IllegalArgumentException if there is no connection string, or another path in it than at first
     */
    List<String> members() {
        ConnectStringParser now = parsed();
        if (!chroot(now).equals(chroot)) {
            throw new IllegalArgumentException("The path behind the addresses is '" + chroot(now) + "' now, and was '"
                    + chroot + "' when the store was opened; open another store for it.");
        }
        return now.getServerAddresses().stream().map(ConnectionString::text).toList();
    }

    private ConnectStringParser parsed() {
        String text = source.get();
        if (text == null || text.isBlank()) {
            throw new IllegalArgumentException(
                    "The ensemble provider has no connection string; start it before a store is opened by it.");
        }
        return new ConnectStringParser(text);
    }

    private static String chroot(ConnectStringParser parsed) {
        String path = parsed.getChrootPath();
        return path == null ? "" : path;
    }

    private static String text(InetSocketAddress member) {
        String host = member.getHostString();
        return (host.indexOf(':') < 0 || host.startsWith("[") ? host : "[" + host + "]") + ":" + member.getPort();
    }
}
