package dev.rollcall.tck.nemesis;

import dev.rollcall.tck.server.Direction;
import dev.rollcall.tck.server.TcpProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** What a {@link Nemesis} does to a cluster. The letters name the row of the matrix in {@code docs/reliability.md}. */
public enum Fault {
    /** F2: {@code kill -9} of the leader. */
    KILL_LEADER {
        @Override
        Runnable strike(Cluster cluster, Random random) {
            return kill(List.of(leader(cluster, random)));
        }
    },
    /** F1, F3: {@code kill -9} of a member that does not lead. */
    KILL_FOLLOWER {
        @Override
        Runnable strike(Cluster cluster, Random random) {
            return kill(List.of(follower(cluster, random)));
        }
    },
    /** F12: {@code kill -9} of more members than may fail. */
    KILL_MAJORITY {
        @Override
        Runnable strike(Cluster cluster, Random random) {
            List<Cluster.Member> all = shuffled(cluster, random);
            return kill(all.subList(0, all.size() / 2 + 1));
        }
    },
    /** F24: every member is killed and started again, one after the other. */
    ROLLING_RESTART {
        @Override
        Runnable strike(Cluster cluster, Random random) {
            for (Cluster.Member member : shuffled(cluster, random)) {
                member.kill();
                member.launch();
                member.awaitReady();
            }
            return () -> {};
        }
    },
    /** F4: the leader is stopped for longer than it takes to elect another, and goes on as if nothing had happened. */
    PAUSE_LEADER {
        @Override
        Runnable strike(Cluster cluster, Random random) {
            return pause(leader(cluster, random));
        }
    },
    /** F5: a member that clients may be connected to is stopped. */
    PAUSE_FOLLOWER {
        @Override
        Runnable strike(Cluster cluster, Random random) {
            return pause(follower(cluster, random));
        }
    },
    /** F7: every client's connection is broken by a reset. */
    CUT {
        @Override
        Runnable strike(Cluster cluster, Random random) {
            cluster.members().forEach(member -> member.link().cut());
            return () -> {};
        }
    },
    /** F8: connections break in the middle of whatever they carry. */
    CUT_WITHIN_ANSWERS {
        @Override
        Runnable strike(Cluster cluster, Random random) {
            cluster.members().forEach(member -> member.link().cutAfter(Direction.REPLIES, 1 + random.nextInt(4_000)));
            return () -> {};
        }
    },
    /** F7: nobody is connected any more, nor can connect. */
    REFUSE {
        @Override
        Runnable strike(Cluster cluster, Random random) {
            List<TcpProxy> links = links(cluster);
            links.forEach(TcpProxy::refuse);
            links.forEach(TcpProxy::cut);
            return () -> links.forEach(TcpProxy::accept);
        }
    },
    /** F14: one member cannot be reached by clients, who have to move to another. */
    REFUSE_ONE {
        @Override
        Runnable strike(Cluster cluster, Random random) {
            TcpProxy link = shuffled(cluster, random).get(0).link();
            link.refuse();
            link.cut();
            return link::accept;
        }
    },
    /** F9: what clients send vanishes, and so do the answers, and no connection breaks. */
    BLACKHOLE {
        @Override
        Runnable strike(Cluster cluster, Random random) {
            return stall(links(cluster), Direction.REQUESTS, Direction.REPLIES);
        }
    },
    /** F9: the same with one member. */
    BLACKHOLE_ONE {
        @Override
        Runnable strike(Cluster cluster, Random random) {
            return stall(List.of(shuffled(cluster, random).get(0).link()), Direction.REQUESTS, Direction.REPLIES);
        }
    },
    /** F10: what clients ask is done, and no answer comes; in the end the connection breaks. */
    LOSE_ANSWERS {
        @Override
        Runnable strike(Cluster cluster, Random random) {
            List<TcpProxy> links = links(cluster);
            links.forEach(link -> link.stall(Direction.REPLIES));
            return () -> {
                links.forEach(TcpProxy::cut);
                links.forEach(TcpProxy::flow);
            };
        }
    },
    /** Clients are far away. */
    DELAY {
        @Override
        Runnable strike(Cluster cluster, Random random) {
            List<TcpProxy> links = links(cluster);
            links.forEach(link -> link.delay(Duration.ofMillis(20 + random.nextInt(200))));
            return () -> links.forEach(TcpProxy::flow);
        }
    },
    /** Clients have a thin line. */
    THROTTLE {
        @Override
        Runnable strike(Cluster cluster, Random random) {
            List<TcpProxy> links = links(cluster);
            links.forEach(link -> link.throttle(4_000 + random.nextInt(30_000)));
            return () -> links.forEach(TcpProxy::flow);
        }
    },
    /** F11, one way: what the other members send to the leader, on connections that they began, vanishes. */
    DEAFEN_LEADER {
        @Override
        boolean isPossible(Cluster cluster) {
            return cluster.members().stream()
                    .allMatch(member -> member.peerLink().isPresent());
        }

        @Override
        Runnable strike(Cluster cluster, Random random) {
            return stall(leader(cluster, random).peerLink().stream().toList(), Direction.REQUESTS, Direction.REPLIES);
        }
    },
    /** F11, one way: the same with a follower. */
    DEAFEN_FOLLOWER {
        @Override
        boolean isPossible(Cluster cluster) {
            return DEAFEN_LEADER.isPossible(cluster);
        }

        @Override
        Runnable strike(Cluster cluster, Random random) {
            return stall(follower(cluster, random).peerLink().stream().toList(), Direction.REQUESTS, Direction.REPLIES);
        }
    },
    /** F15: the store forgets its history while watches and lists go on. */
    COMPACT {
        @Override
        boolean isPossible(Cluster cluster) {
            return cluster.compaction().isPresent();
        }

        @Override
        Runnable strike(Cluster cluster, Random random) {
            cluster.compaction().orElseThrow().run();
            return () -> {};
        }
    },
    /** F23: clients and servers hardly get a processor. */
    STARVE {
        @Override
        Runnable strike(Cluster cluster, Random random) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
                Thread thread = new Thread(
                        () -> {
                            while (!Thread.currentThread().isInterrupted()) {
                                Thread.onSpinWait();
                            }
                        },
                        "nemesis-starve-" + i);
                thread.setDaemon(true);
                thread.start();
                threads.add(thread);
            }
            return () -> threads.forEach(Thread::interrupt);
        }
    };

    /** Whether this can be done to a cluster. */
    boolean isPossible(Cluster cluster) {
        return true;
    }

    /** Does it, and returns what undoes it. */
    abstract Runnable strike(Cluster cluster, Random random);

    /** The name by which it is asked for and reported, such as {@code kill-leader}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static List<Cluster.Member> shuffled(Cluster cluster, Random random) {
        List<Cluster.Member> members = new ArrayList<>(cluster.members());
        Collections.shuffle(members, random);
        return members;
    }

    /** The leader, or any member while there is none. */
    private static Cluster.Member leader(Cluster cluster, Random random) {
        List<Cluster.Member> members = shuffled(cluster, random);
        return members.stream().filter(Cluster.Member::leads).findFirst().orElse(members.get(0));
    }

    private static Cluster.Member follower(Cluster cluster, Random random) {
        List<Cluster.Member> members = shuffled(cluster, random);
        return members.stream().filter(member -> !member.leads()).findFirst().orElse(members.get(0));
    }

    private static List<TcpProxy> links(Cluster cluster) {
        return cluster.members().stream().map(Cluster.Member::link).toList();
    }

    private static Runnable kill(List<Cluster.Member> victims) {
        victims.forEach(Cluster.Member::kill);
        return () -> {
            victims.forEach(Cluster.Member::launch);
            victims.forEach(Cluster.Member::awaitReady);
        };
    }

    private static Runnable pause(Cluster.Member victim) {
        victim.pause();
        return victim::resume;
    }

    private static Runnable stall(List<TcpProxy> links, Direction... directions) {
        links.forEach(link -> link.stall(directions));
        return () -> links.forEach(TcpProxy::flow);
    }
}
