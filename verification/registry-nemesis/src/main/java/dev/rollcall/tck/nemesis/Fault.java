package dev.rollcall.tck.nemesis;

import dev.rollcall.tck.server.Direction;
import dev.rollcall.tck.server.TcpProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;

/** What a {@link Nemesis} does to a cluster. The letters name the row of the matrix in {@code docs/reliability.md}. */
public enum Fault {
    /** F2: {@code kill -9} of the leader. */
    KILL_LEADER {
        @Override
        void strike(Cluster cluster, Random random, InjectedFault injected) {
            kill(List.of(leader(cluster, random, injected)), injected);
        }
    },
    /** F1, F3: {@code kill -9} of a member that does not lead. */
    KILL_FOLLOWER {
        @Override
        public boolean isPossible(Cluster cluster) {
            return hasSeveral(cluster);
        }

        @Override
        void strike(Cluster cluster, Random random, InjectedFault injected) {
            kill(List.of(follower(cluster, random, injected)), injected);
        }
    },
    /** F12: {@code kill -9} of more members than may fail. */
    KILL_MAJORITY {
        @Override
        void strike(Cluster cluster, Random random, InjectedFault injected) {
            List<Cluster.Member> all = shuffled(cluster, random);
            kill(all.subList(0, all.size() / 2 + 1), injected);
        }
    },
    /** F24: every member is killed and started again, one after the other. */
    ROLLING_RESTART {
        @Override
        void strike(Cluster cluster, Random random, InjectedFault injected) {
            for (Cluster.Member member : shuffled(cluster, random)) {
                Revival revival = new Revival(member);
                injected.undo(revival);
                member.kill();
                revival.run();
                member.awaitReady();
            }
        }
    },
    /** F4: the leader is stopped for longer than it takes to elect another, and goes on as if nothing had happened. */
    PAUSE_LEADER {
        @Override
        void strike(Cluster cluster, Random random, InjectedFault injected) {
            pause(leader(cluster, random, injected), injected);
        }
    },
    /** F5: a member that clients may be connected to is stopped. */
    PAUSE_FOLLOWER {
        @Override
        public boolean isPossible(Cluster cluster) {
            return hasSeveral(cluster);
        }

        @Override
        void strike(Cluster cluster, Random random, InjectedFault injected) {
            pause(follower(cluster, random, injected), injected);
        }
    },
    /** F7: every client's connection is broken by a reset. */
    CUT {
        @Override
        void strike(Cluster cluster, Random random, InjectedFault injected) {
            cluster.members().forEach(member -> member.link().cut());
        }
    },
    /** F8: connections break in the middle of whatever they carry. */
    CUT_WITHIN_ANSWERS {
        @Override
        void strike(Cluster cluster, Random random, InjectedFault injected) {
            for (TcpProxy link : links(cluster)) {
                injected.undo(link::flow);
                link.cutAfter(Direction.REPLIES, 1 + random.nextInt(4_000));
            }
        }
    },
    /** F7: nobody is connected any more, nor can connect. */
    REFUSE {
        @Override
        void strike(Cluster cluster, Random random, InjectedFault injected) {
            links(cluster).forEach(link -> refuse(link, injected));
        }
    },
    /** F14: one member cannot be reached by clients, who have to move to another. */
    REFUSE_ONE {
        @Override
        public boolean isPossible(Cluster cluster) {
            return hasSeveral(cluster);
        }

        @Override
        void strike(Cluster cluster, Random random, InjectedFault injected) {
            refuse(shuffled(cluster, random).get(0).link(), injected);
        }
    },
    /** F9: what clients send vanishes, and so do the answers, and no connection breaks. */
    BLACKHOLE {
        @Override
        void strike(Cluster cluster, Random random, InjectedFault injected) {
            stall(links(cluster), injected);
        }
    },
    /** F9: the same with one member. */
    BLACKHOLE_ONE {
        @Override
        public boolean isPossible(Cluster cluster) {
            return hasSeveral(cluster);
        }

        @Override
        void strike(Cluster cluster, Random random, InjectedFault injected) {
            stall(List.of(shuffled(cluster, random).get(0).link()), injected);
        }
    },
    /** F10: what clients ask is done, and no answer comes; in the end the connection breaks. */
    LOSE_ANSWERS {
        @Override
        void strike(Cluster cluster, Random random, InjectedFault injected) {
            for (TcpProxy link : links(cluster)) {
                injected.undo(link::flow);
                injected.undo(link::cut);
                link.stall(Direction.REPLIES);
            }
        }
    },
    /** Clients are far away. */
    DELAY {
        @Override
        void strike(Cluster cluster, Random random, InjectedFault injected) {
            for (TcpProxy link : links(cluster)) {
                injected.undo(link::flow);
                link.delay(Duration.ofMillis(20 + random.nextInt(200)));
            }
        }
    },
    /** Clients have a thin line. */
    THROTTLE {
        @Override
        void strike(Cluster cluster, Random random, InjectedFault injected) {
            for (TcpProxy link : links(cluster)) {
                injected.undo(link::flow);
                link.throttle(4_000 + random.nextInt(30_000));
            }
        }
    },
    /** F11, one way: nothing passes on connections that the other members began to the leader; it may hear them on those that it began. */
    MUTE_LEADER {
        @Override
        public boolean isPossible(Cluster cluster) {
            return cluster.members().stream()
                    .allMatch(member -> member.peerLink().isPresent());
        }

        @Override
        void strike(Cluster cluster, Random random, InjectedFault injected) {
            stall(leader(cluster, random, injected).peerLink().stream().toList(), injected);
        }
    },
    /** F11, one way: the same with a follower. */
    MUTE_FOLLOWER {
        @Override
        public boolean isPossible(Cluster cluster) {
            return hasSeveral(cluster) && MUTE_LEADER.isPossible(cluster);
        }

        @Override
        void strike(Cluster cluster, Random random, InjectedFault injected) {
            stall(follower(cluster, random, injected).peerLink().stream().toList(), injected);
        }
    },
    /** F15: the store forgets its history while watches and lists go on. */
    COMPACT {
        @Override
        public boolean isPossible(Cluster cluster) {
            return cluster.compaction().isPresent();
        }

        @Override
        void strike(Cluster cluster, Random random, InjectedFault injected) {
            cluster.compaction().orElseThrow().run();
        }
    },
    /** Users and passwords are switched off, and on again. */
    AUTH_OFF_ON(Sufferers.SOME_SERVERS),
    /** The servers get new certificates from the same authority, and every connection breaks. */
    ROTATE_CERTIFICATES(Sufferers.SOME_SERVERS) {
        @Override
        void strike(Cluster cluster, Random random, InjectedFault injected) {
            super.strike(cluster, random, injected);
            CUT.strike(cluster, random, injected);
        }
    },
    /** Somebody removes everything by hand, entry by entry, while clients go on. It has rounds of its own; see {@link #takesEntries()}. */
    DELETE_ROOT(Sufferers.SOME_SERVERS) {
        @Override
        boolean takesEntries() {
            return true;
        }
    },
    /** Somebody removes the nodes in which the backend keeps its books, or some of them, by hand. */
    DELETE_BOOKKEEPING(Sufferers.SOME_SERVERS),
    /** Rolling restarts to servers that let sessions live for less long, and back. */
    SHRINK_SESSION_TIMEOUT(Sufferers.SOME_SERVERS),
    /** Rolling restarts to servers that keep new sessions to themselves, and back. */
    LOCAL_SESSIONS(Sufferers.SOME_SERVERS),
    /** An access list forbids all writes, to everything that the store has; and it is taken away again. */
    DENY(Sufferers.SOME_SERVERS),
    /** Proxies of the servers' own, which clients are connected to, are killed and started again. */
    PROXY_RESTART(Sufferers.SOME_SERVERS),
    /** A member answers what it is asked about its status, and nothing else, as one does whose disk does not get on. */
    STALL_DISK(Sufferers.SOME_SERVERS),
    /** A further member joins without a vote, clients may meet it, and it leaves again. */
    ADD_LEARNER(Sufferers.SOME_SERVERS),
    /** The members are replaced one by one by those of the next version, on their data; once in a run. */
    ROLLING_UPGRADE(Sufferers.SOME_SERVERS),
    /** The whole store is put back to what it was before the round; between two rounds. */
    RESTORE_OLDER(Sufferers.SOME_SERVERS) {
        @Override
        boolean partsHistories() {
            return true;
        }
    },
    /** The store comes back empty; between two rounds. */
    WIPE(Sufferers.SOME_SERVERS) {
        @Override
        boolean partsHistories() {
            return true;
        }
    },
    /** F23: clients and servers hardly get a processor. */
    STARVE {
        @Override
        void strike(Cluster cluster, Random random, InjectedFault injected) {
            for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
                Thread thread = new Thread(
                        () -> {
                            while (!Thread.currentThread().isInterrupted()) {
                                Thread.onSpinWait();
                            }
                        },
                        "nemesis-starve-" + i);
                thread.setDaemon(true);
                injected.undo(thread::interrupt);
                thread.start();
            }
        }
    };

    /** Which clusters a fault is for. */
    private enum Sufferers {
        /** Every cluster: the nemesis needs only its members. */
        ALL,
        /** Those with a {@linkplain Cluster#disruption(Fault) disruption}, which does all of it unless the fault says more. */
        SOME_SERVERS
    }

    private final Sufferers sufferers;

    Fault() {
        this(Sufferers.ALL);
    }

    Fault(Sufferers sufferers) {
        this.sufferers = sufferers;
    }

    /** Whether this can be done to a cluster. */
    public boolean isPossible(Cluster cluster) {
        return sufferers == Sufferers.ALL || cluster.disruption(this).isPresent();
    }

    /**
     * Whether the store is another one when it is undone, so that no history can be judged across it: it strikes before a round, and is undone when that
     * has been judged.
     */
    boolean partsHistories() {
        return false;
    }

    /**
     * Whether acknowledged entries are gone afterwards, and rightly. A round with such a fault has no others, and what it is judged by is {@link LastState};
     * the next round begins in an empty directory, and is judged like any other.
     */
    boolean takesEntries() {
        return false;
    }

    /** Does it, and says before each step what undoes that: a fault that fails half-way has to be undone, too. */
    void strike(Cluster cluster, Random random, InjectedFault injected) {
        cluster.disruption(this).orElseThrow().strike(injected::undo);
    }

    /** The name by which it is asked for and reported, such as {@code kill-leader}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether there is a member beside the leader; what needs one would else strike the only one there is, under a wrong name. */
    private static boolean hasSeveral(Cluster cluster) {
        return cluster.members().size() > 1;
    }

    private static List<Cluster.Member> shuffled(Cluster cluster, Random random) {
        List<Cluster.Member> members = new ArrayList<>(cluster.members());
        Collections.shuffle(members, random);
        return members;
    }

    /** The leader, or any member while there is none. */
    private static Cluster.Member leader(Cluster cluster, Random random, InjectedFault injected) {
        List<Cluster.Member> members = shuffled(cluster, random);
        return orAny(members.stream().filter(Cluster.Member::leads).findFirst(), members, injected);
    }

    private static Cluster.Member follower(Cluster cluster, Random random, InjectedFault injected) {
        List<Cluster.Member> members = shuffled(cluster, random);
        return orAny(members.stream().filter(member -> !member.leads()).findFirst(), members, injected);
    }

    private static Cluster.Member orAny(
            Optional<Cluster.Member> wanted, List<Cluster.Member> members, InjectedFault injected) {
        return wanted.orElseGet(() -> {
            injected.goAstray();
            return members.get(0);
        });
    }

    private static List<TcpProxy> links(Cluster cluster) {
        return cluster.members().stream().map(Cluster.Member::link).toList();
    }

    /** Starts a member that was killed, once. */
    private static final class Revival implements Runnable {
        private final Cluster.Member member;
        private boolean done;

        Revival(Cluster.Member member) {
            this.member = member;
        }

        @Override
        public void run() {
            if (!done) {
                done = true;
                member.launch();
            }
        }
    }

    private static void kill(List<Cluster.Member> victims, InjectedFault injected) {
        // Undone last to first: all are launched before any is waited for.
        victims.forEach(victim -> injected.undo(victim::awaitReady));
        for (Cluster.Member victim : victims) {
            injected.undo(new Revival(victim));
            victim.kill();
        }
    }

    private static void pause(Cluster.Member victim, InjectedFault injected) {
        injected.undo(victim::resume);
        victim.pause();
    }

    private static void refuse(TcpProxy link, InjectedFault injected) {
        injected.undo(link::accept);
        link.refuse();
        link.cut();
    }

    private static void stall(List<TcpProxy> links, InjectedFault injected) {
        for (TcpProxy link : links) {
            injected.undo(link::flow);
            link.stall(Direction.REQUESTS, Direction.REPLIES);
        }
    }
}
