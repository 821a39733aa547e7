package dev.rollcall.inmemory.mutants;

import static dev.rollcall.inmemory.mutants.Mutant.mutant;
import static java.util.Objects.requireNonNull;

import dev.rollcall.inmemory.InMemoryBackend;
import dev.rollcall.kv.Change;
import dev.rollcall.kv.Changes;
import dev.rollcall.kv.Commit;
import dev.rollcall.kv.Condition;
import dev.rollcall.kv.ConditionFailedException;
import dev.rollcall.kv.Directory;
import dev.rollcall.kv.Futures;
import dev.rollcall.kv.Key;
import dev.rollcall.kv.KeyValue;
import dev.rollcall.kv.KvException;
import dev.rollcall.kv.ReadConsistency;
import dev.rollcall.kv.Snapshot;
import dev.rollcall.kv.Txn;
import dev.rollcall.kv.Watch;
import dev.rollcall.kv.WatchListener;
import dev.rollcall.kv.WatchSignal;
import dev.rollcall.kv.WatchStart;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;

/** Directories that are patterns, ranges of a collation, or prefixes of a column to the store. */
final class DirectoryMutants {
    private static final String WILDCARDS = "wildcardsInTheNameOfADirectoryStandForThemselves";
    private static final String FORMS = "directoriesThatDifferInCaseOrFormAreDifferent";
    private static final String LONG = "directoriesWithLongNamesAreToldApartToTheLastCharacter";

    private DirectoryMutants() {}

    static List<Mutant> all() {
        return List.of(
                mutant("KEY-4", "list by LIKE", handle -> new ListByPattern(handle, DirectoryMutants::like))
                        .seenBy(WILDCARDS),
                mutant("KEY-4", "list by glob", handle -> new ListByPattern(handle, DirectoryMutants::glob))
                        .seenBy(WILDCARDS),
                mutant("WATCH-8", "watch by glob", handle -> new WatchByPattern(handle, DirectoryMutants::glob))
                        .seenBy(WILDCARDS),
                mutant("KEY-4", "list without case", handle -> new ListByPattern(handle, DirectoryMutants::noCase))
                        .seenBy(FORMS),
                mutant("KEY-4", "list by equivalence", handle -> new ListByPattern(handle, DirectoryMutants::normal))
                        .seenBy(FORMS),
                mutant("WATCH-8", "watch without case", handle -> new WatchByPattern(handle, DirectoryMutants::noCase))
                        .seenBy(FORMS),
                mutant("KEY-4", "list by a short prefix", handle -> new ListByPattern(handle, DirectoryMutants::cut))
                        .seenBy(LONG),
                mutant("KEY-3", "index of 255 characters", ShortIndex::new).seenBy(LONG));
    }

    /** {@code path LIKE 'directory/%'}, the name not escaped. */
    private static boolean like(Directory directory, Key key) {
        StringBuilder pattern = new StringBuilder();
        for (char c : (directory.path() + "/%").toCharArray()) {
            pattern.append(c == '%' ? ".*" : c == '_' ? "." : Pattern.quote(String.valueOf(c)));
        }
        return Pattern.compile(pattern.toString(), Pattern.DOTALL)
                .matcher(key.path())
                .matches();
    }

    /** {@code SCAN MATCH directory/*}, the name not escaped. */
    private static boolean glob(Directory directory, Key key) {
        StringBuilder pattern = new StringBuilder();
        for (char c : (directory.path() + "/*").toCharArray()) {
            pattern.append(
                    switch (c) {
                        case '*' -> ".*";
                        case '?' -> ".";
                        default -> Pattern.quote(String.valueOf(c));
                    });
        }
        return Pattern.compile(pattern.toString(), Pattern.DOTALL)
                .matcher(key.path())
                .matches();
    }

    /** A collation that knows no case. */
    private static boolean noCase(Directory directory, Key key) {
        return key.path().toLowerCase(Locale.ROOT).startsWith(directory.path().toLowerCase(Locale.ROOT) + "/");
    }

    /** A collation in which equivalent texts are equal. */
    private static boolean normal(Directory directory, Key key) {
        return normal(key.path()).startsWith(normal(directory.path()) + "/");
    }

    private static String normal(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFC);
    }

    /** The first hundred characters of the name. */
    private static boolean cut(Directory directory, Key key) {
        String prefix = directory.path() + "/";
        return key.path().startsWith(prefix.length() > 100 ? prefix.substring(0, 100) : prefix)
                && !key.path().equals(directory.path());
    }

    private static boolean covers(BiPredicate<Directory, Key> match, Directory directory, Key key) {
        return directory.isRoot() || match.test(directory, key);
    }

    /** A list of everything that matches. */
    static final class ListByPattern extends Forwarding {
        private final BiPredicate<Directory, Key> match;

        ListByPattern(InMemoryBackend handle, BiPredicate<Directory, Key> match) {
            super(handle);
            this.match = match;
        }

        @Override
        public CompletableFuture<Snapshot> list(Directory directory, ReadConsistency consistency) {
            requireNonNull(directory, "directory");
            return Futures.map(handle.list(Directory.ROOT, consistency), all -> within(match, directory, all));
        }
    }

    private static Snapshot within(BiPredicate<Directory, Key> match, Directory directory, Snapshot all) {
        List<KeyValue> covered = all.entries().stream()
                .filter(entry -> covers(match, directory, entry.key()))
                .toList();
        return new Snapshot(directory, covered, all.revision());
    }

    /** A watch of everything that matches. */
    static final class WatchByPattern extends Forwarding {
        private final BiPredicate<Directory, Key> match;

        WatchByPattern(InMemoryBackend handle, BiPredicate<Directory, Key> match) {
            super(handle);
            this.match = match;
        }

        @Override
        public Watch watch(Directory directory, WatchStart start, WatchListener listener) {
            if (!(start instanceof WatchStart.FromSnapshot)) {
                return handle.watch(directory, start, listener);
            }
            requireNonNull(directory, "directory");
            Watch all = handle.watch(Directory.ROOT, start, new MutantListener(requireNonNull(listener, "listener")) {
                @Override
                public void onSignal(WatchSignal signal) {
                    if (signal instanceof Snapshot snapshot) {
                        super.onSignal(within(match, directory, snapshot));
                        return;
                    }
                    List<Change> covered = ((Changes) signal)
                            .changes().stream()
                                    .filter(change -> covers(match, directory, change.key()))
                                    .toList();
                    if (!covered.isEmpty()) {
                        super.onSignal(new Changes(directory, covered, signal.revision()));
                    }
                }
            });
            return new Watch() {
                @Override
                public Directory directory() {
                    return directory;
                }

                @Override
                public void close() {
                    all.close();
                }
            };
        }
    }

    /** A unique index on the first 255 characters. */
    static final class ShortIndex extends Forwarding {
        private static final int INDEXED = 255;

        ShortIndex(InMemoryBackend handle) {
            super(handle);
        }

        @Override
        public CompletableFuture<Commit> commit(Txn txn) {
            for (Condition condition : txn.conditions()) {
                String path = condition.key().path();
                if (condition instanceof Condition.Absent && path.length() > INDEXED && isReachable()) {
                    for (KeyValue entry : handle.list(Directory.ROOT).join().entries()) {
                        if (entry.key().path().startsWith(path.substring(0, INDEXED))) {
                            return CompletableFuture.failedFuture(ConditionFailedException.of(
                                    KvException.Context.of(name(), "create", condition.key()),
                                    condition,
                                    entry.revision()));
                        }
                    }
                }
            }
            return super.commit(txn);
        }
    }
}
