package dev.rollcall.tck;

import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackendProvider;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How a provider reads a URL: unknown options, {@code check} beside {@code open}, and a password that must not be shown. */
public interface UrlContract extends Contract {
    /** What must turn up nowhere; new for each call, so that nobody else can have shown it. */
    private static String secret(Kit kit) {
        return "s3cr3t" + Long.toHexString(kit.random().nextLong());
    }

    private static String url(Kit kit) {
        Optional<String> url = kit.store().url();
        return url.orElseThrow(() -> new DoesNotApply("the fixture names no URL"));
    }

    private static KvBackendProvider provider(Kit kit, String url) {
        return kit.fixture().provider(BackendUrl.parse(url).scheme());
    }

    private static String with(String url, String option) {
        return url + (url.indexOf('?') < 0 ? "?" : "&") + option;
    }

    private static String withTimeout(String url, String timeout) {
        return with(url.replaceFirst("([?&])timeout=[^&]*&?", "$1").replaceFirst("[?&]$", ""), "timeout=" + timeout);
    }

    /** The URL with these credentials instead of those that it may have. */
    private static String withCredentials(String url, String credentials) {
        int hosts = url.indexOf("://") + 3;
        if (hosts < 3) {
            // A store without hosts takes no password; it is to refuse one without showing it.
            return url.replaceFirst(":", "://" + credentials + "@localhost/");
        }
        int end = url.indexOf('/', hosts);
        int at = url.lastIndexOf('@', end < 0 ? url.length() : end);
        return url.substring(0, hosts) + credentials + "@" + url.substring(at < 0 ? hosts : at + 1);
    }

    /** What {@code open} refuses a URL with, or null if it takes it; then the handle is closed. */
    private static @Nullable IllegalArgumentException refusedByOpen(Kit kit, String url) {
        try {
            kit.track(provider(kit, url).open(BackendUrl.parse(url))).close();
            return null;
        } catch (IllegalArgumentException e) {
            return e;
        }
    }

    private static @Nullable IllegalArgumentException refusedByCheck(Kit kit, String url) {
        try {
            provider(kit, url).check(BackendUrl.parse(url));
            return null;
        } catch (IllegalArgumentException e) {
            return e;
        }
    }

    /** If this fails: call {@code rejectOtherOptions}. */
    @Test
    @Rule("URL-1")
    default void optionThatNobodyKnowsIsRefusedByItsName(Kit kit) {
        String secret = secret(kit);
        String url = with(url(kit), "pasword=" + secret);
        IllegalArgumentException refused = refusedByOpen(kit, url);
        Expect.that(
                "URL-1",
                refused != null,
                () ->
                        "open() takes a URL with the option 'pasword', which no provider knows; a misspelt option is ignored.");
        Expect.that(
                "URL-1",
                refused != null && String.valueOf(refused.getMessage()).contains("pasword"),
                () -> "open() refuses an option that it does not know without naming it: " + hidden(refused, secret));
        Leaks.inFailure("the refusal of an unknown option", refused, secret);
    }

    /** If this fails: open() reads something that check() does not, or the other way round; let both begin with the same code. */
    @Test
    @Rule("URL-2")
    default void checkRefusesWhatOpenRefuses(Kit kit) throws NoSuchMethodException {
        String url = url(kit);
        boolean checks = !provider(kit, url)
                .getClass()
                .getMethod("check", BackendUrl.class)
                .isDefault();
        Map<String, String> candidates = new LinkedHashMap<>();
        candidates.put("as it is", url);
        candidates.put("with an option that nobody knows", with(url, "no-such-option=1"));
        for (String timeout : List.of("1h", "never", "0s", "-1s", "500d")) {
            candidates.put("with 'timeout=" + timeout + "'", withTimeout(url, timeout));
        }
        candidates.put("with a user and a password", withCredentials(url, "kit:kit"));
        candidates.put("with a user and no password", withCredentials(url, "kit"));
        candidates.forEach((which, candidate) -> {
            IllegalArgumentException byOpen = refusedByOpen(kit, candidate);
            IllegalArgumentException byCheck = refusedByCheck(kit, candidate);
            Expect.that(
                    "URL-2",
                    byOpen != null || byCheck == null,
                    () -> "check() refuses the URL " + which + " with '" + message(byCheck)
                            + "', but open() takes it.");
            Expect.that(
                    "URL-2",
                    byOpen == null || byCheck != null || !checks,
                    () -> "open() refuses the URL " + which + " with '" + message(byOpen) + "', but check() takes it.");
        });
    }

    /** If this fails: show {@code BackendUrl.toString()} and never the text that it was parsed from. */
    @Test
    @Rule("URL-3")
    default void passwordIsShownNowhere(Kit kit) {
        String secret = secret(kit);
        String plain = url(kit);
        KvBackendProvider provider = provider(kit, plain);
        for (String text : Set.of(
                withCredentials(plain, "kit:" + secret),
                with(withCredentials(plain, "kit:" + secret), "no-such-option=1"))) {
            BackendUrl url = BackendUrl.parse(text);
            try (Leaks leaks = Leaks.during(secret)) {
                try {
                    provider.check(url);
                } catch (IllegalArgumentException e) {
                    Leaks.inFailure("the refusal of check()", e, secret);
                }
                try (KvBackend handle = kit.track(provider.open(url))) {
                    use(kit, handle, secret);
                } catch (IllegalArgumentException e) {
                    Leaks.inFailure("the refusal of open()", e, secret);
                }
                leaks.judge();
            }
        }
    }

    /** Whether the password opens the store or not: nothing that the handle says shows it. */
    private static void use(Kit kit, KvBackend handle, String secret) {
        Leaks.in("name() of a handle", handle.name(), secret);
        Leaks.in("toString() of a handle", String.valueOf(kit.handle(handle)), secret);
        CompletableFuture<?> read = handle.get(kit.key("k"));
        FaultSteps.endsInTime(kit, read);
        read.handle((result, failure) -> {
                    Leaks.inFailure("the failure of a read", failure == null ? null : Futures.unwrap(failure), secret);
                    return true;
                })
                .join();
        Leaks.in("connection()", String.valueOf(handle.connection()), secret);
        Leaks.inFailure(
                "what connection() says about the last failure",
                handle.connection().lastFailure(),
                secret);
        Set<String> threads = new TreeSet<>();
        kit.liveThreads().forEach(thread -> threads.add(thread.getName()));
        threads.forEach(name -> Leaks.in("the name of a thread", name, secret));
        handle.close();
        CompletableFuture<?> late = handle.get(kit.key("k"));
        Leaks.inFailure("the failure of a read after close()", kit.failure(late), secret);
    }

    private static String message(@Nullable Throwable failure) {
        return failure == null ? "nothing" : String.valueOf(failure.getMessage());
    }

    private static String hidden(@Nullable Throwable failure, String secret) {
        return "'" + message(failure).replace(secret, "(the value)") + "'.";
    }
}
