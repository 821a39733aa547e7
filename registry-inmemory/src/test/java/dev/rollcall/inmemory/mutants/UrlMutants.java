package dev.rollcall.inmemory.mutants;

import static dev.rollcall.inmemory.mutants.Mutant.opening;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.inmemory.InMemoryStore;
import dev.rollcall.kv.BackendUrl;
import dev.rollcall.kv.GetResult;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KvBackend;
import dev.rollcall.kv.KvBackendProvider;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.Outcome;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.UnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Providers that make too much, or too little, of a URL. */
final class UrlMutants {
    private static final String OPTION = "optionThatNobodyKnowsIsRefusedByItsName";
    private static final String CHECK = "checkRefusesWhatOpenRefuses";
    private static final String PASSWORD = "passwordIsShownNowhere";

    private UrlMutants() {}

    static List<Mutant> all() {
        return List.of(
                opening("URL-1", "unknown options are ignored", new Provider() {
                            @Override
                            void options(BackendUrl url) {
                                url.duration("timeout", Duration.ofSeconds(5));
                            }
                        })
                        .seenBy(OPTION),
                opening("URL-1", "unknown option has no name", new Provider() {
                            @Override
                            void options(BackendUrl url) {
                                try {
                                    super.options(url);
                                } catch (IllegalArgumentException e) {
                                    throw new IllegalArgumentException("The options are wrong.");
                                }
                            }
                        })
                        .seenBy(OPTION),
                opening("URL-1", "unknown option is found when it is used", new Provider() {
                            @Override
                            public KvBackend open(BackendUrl url) {
                                return handle(url);
                            }
                        })
                        .seenBy(OPTION),
                opening("URL-2", "check looks at no option", new Provider() {
                            @Override
                            public void check(BackendUrl url) {}
                        })
                        .seenBy(CHECK),
                opening("URL-2", "check looks at no value", new Provider() {
                            @Override
                            public void check(BackendUrl url) {
                                url.rejectOtherOptions(KNOWN);
                            }
                        })
                        .seenBy(CHECK),
                opening("URL-2", "check wants more than open", new Provider() {
                            @Override
                            public void check(BackendUrl url) {
                                super.check(url);
                                if (url.user().isPresent() && url.password().isEmpty()) {
                                    throw new IllegalArgumentException("A user needs a password.");
                                }
                            }
                        })
                        .seenBy(CHECK),
                opening("URL-3", "password in the name", new Provider() {
                            @Override
                            Forwarding handle(BackendUrl url) {
                                return new Forwarding(open()) {
                                    @Override
                                    public String name() {
                                        return "inmemory://" + credentials(url) + url.path();
                                    }
                                };
                            }
                        })
                        .seenBy(PASSWORD),
                opening("URL-3", "password in the log", new Provider() {
                            @Override
                            Forwarding handle(BackendUrl url) {
                                // Finer than what is shown by default: it would be shown to who looks for a fault.
                                LOG.setLevel(Level.CONFIG);
                                LOG.config("Connecting as " + credentials(url));
                                return new Forwarding(open());
                            }
                        })
                        .seenBy(PASSWORD),
                opening("URL-3", "password in failures", new Provider() {
                            @Override
                            Forwarding handle(BackendUrl url) {
                                return new TellsItsPassword(open(), credentials(url));
                            }
                        })
                        .seenBy(PASSWORD),
                opening("URL-3", "password in the refusal", new Provider() {
                            @Override
                            void options(BackendUrl url) {
                                try {
                                    super.options(url);
                                } catch (IllegalArgumentException e) {
                                    throw new IllegalArgumentException(
                                            e.getMessage() + " The URL is that of " + credentials(url));
                                }
                            }
                        })
                        .seenBy(PASSWORD));
    }

    /** The provider of a store that is reached by a network, or would be; as it is, it is right. */
    static class Provider implements KvBackendProvider {
        static final Set<String> KNOWN = Set.of("timeout");
        static final Logger LOG = Logger.getLogger("dev.rollcall.mutants");

        @Override
        public Set<String> schemes() {
            return Set.of("inmemory");
        }

        @Override
        public void check(BackendUrl url) {
            options(url);
        }

        @Override
        public KvBackend open(BackendUrl url) {
            options(url);
            return handle(url);
        }

        void options(BackendUrl url) {
            url.rejectOtherOptions(KNOWN);
            url.duration("timeout", Duration.ofSeconds(5));
        }

        Forwarding handle(BackendUrl url) {
            return new Forwarding(open());
        }

        static InMemoryBackend open() {
            return InMemoryStore.builder().build().open();
        }

        static String credentials(BackendUrl url) {
            return url.user().orElse("") + ":" + url.password().orElse("") + "@";
        }
    }

    /** Says with what it could not log in. */
    private static final class TellsItsPassword extends Forwarding {
        private final String credentials;

        TellsItsPassword(InMemoryBackend handle, String credentials) {
            super(handle);
            this.credentials = credentials;
        }

        @Override
        public CompletableFuture<GetResult> get(Key key, ReadConsistency consistency) {
            return isClosed()
                    ? handle.get(key, consistency)
                    : CompletableFuture.failedFuture(new UnavailableException(
                            KvException.Context.of(name(), "get", key),
                            Outcome.NOT_APPLIED,
                            "the store refused " + credentials,
                            null));
        }
    }
}
