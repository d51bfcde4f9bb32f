package io.topicstream.people;

import io.topicstream.log.Admission;
import io.topicstream.log.Follower;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicName;
import io.topicstream.log.TopicPattern;
import io.topicstream.policy.PresencePolicy;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.policy.TopicPolicy;
import io.topicstream.protocol.Query;
import io.topicstream.signal.Signal;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.state.StateRecord;
import io.topicstream.testkit.Faults;
import io.topicstream.testkit.FaultyLog;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.SteppedExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Nodes that keep presence and share an engine, stepped by hand.
final class PresenceNodesFixture {
    private static final long STEP_MS = 50;

    final ManualClock clock = new ManualClock();
    final SteppedExecutor engine = new SteppedExecutor(clock);
    final InMemoryStateStore ephemeral = new InMemoryStateStore(clock, engine);
    private final SteppedExecutor durableThread = new SteppedExecutor(clock);
    final InMemoryStateStore durable = new InMemoryStateStore(clock, durableThread);
    /// Whether the durable store answers nobody.
    boolean isDurableStill;
    private final InMemoryLog memory = new InMemoryLog(clock, engine, 7);
    private final RandomGenerator random;
    private final Duration grace;
    private final List<Server> servers = new ArrayList<>();

    PresenceNodesFixture(Duration grace, long seed) {
        this.grace = grace;
        this.random = new Random(seed);
    }

    private PresencePolicies policies(TopicFeed feed) {
        return new PresencePolicies(
                new TopicPolicies(
                        TopicPolicy.DEFAULT.with(PresencePolicy.NAMES), List.of(counts("hall*"), counts("room:hall*"))),
                new Rooms(durable, feed, clock));
    }

    private static TopicPolicies.Rule counts(String pattern) {
        return new TopicPolicies.Rule(new TopicPattern(pattern), TopicPolicy.DEFAULT.with(PresencePolicy.COUNTS));
    }

    /// One node.
    final class Server implements TopicFeed {
        private final SteppedExecutor loop = new SteppedExecutor(clock);
        private final FaultyLog log = new FaultyLog(memory, random, engine, Faults.NONE);
        final NodePresence presence;
        private final List<String> told = new ArrayList<>();
        private final List<String> events = new ArrayList<>();
        private boolean stands;
        /// How often others had reason to think that it was gone, and the first time.
        int leased;
        /// Whether a signal that it says is lost.
        BooleanSupplier loses = () -> false;

        private Server() {
            presence = new NodePresence(ephemeral, durable, this, policies(this), grace, clock, random, loop, loop);
            presence.tell(new PresenceEvents() {
                @Override
                public void joined(TopicName topic, String user) {
                    events.add(topic + " +" + user);
                }

                @Override
                public void left(TopicName topic, String user) {
                    events.add(topic + " -" + user);
                }
            });
            presence.start(servers.size(), all -> all.forEach(each -> told.add(text(each))), () -> leased++);
        }

        /// It does nothing any more.
        void stand() {
            stands = true;
        }

        /// It goes on.
        void goOn() {
            stands = false;
        }

        void loseFeeds() {
            log.loseFeeds();
        }

        /// What listeners were told since this was asked last: `t +ann 1`, `t -ann 0`, `t 7`.
        List<String> told() {
            List<String> all = List.copyOf(told);
            told.clear();
            return all;
        }

        /// The events since this was asked last: `t +ann`, `t -ann`.
        List<String> events() {
            List<String> all = List.copyOf(events);
            events.clear();
            return all;
        }

        /// The members of the topic, each as `ann`, or `?` for one without an id; and how often it is connected where
        /// that is more than once.
        List<String> members(TopicName topic) {
            return ask(presence.members(topic, "", 1_000)).members().stream()
                    .map(PresenceNodesFixture::text)
                    .toList();
        }

        long count(TopicName topic) {
            return ask(presence.members(topic, "", 1)).count();
        }

        @Override
        public void follow(TopicName topic, Lane lane, Follower follower) {
            log.follow(topic, lane, follower);
        }

        @Override
        public void unfollow(TopicName topic, Lane lane, Follower follower) {
            log.unfollow(topic, lane, follower);
        }

        @Override
        public Admission signal(TopicName topic, byte[] signal) {
            return loses.getAsBoolean() ? Admission.ACCEPTED : log.signal(topic, signal);
        }
    }

    private static String text(NodePresence.Told told) {
        Signal.Presence presence = (Signal.Presence) Signal.decode(told.signal());
        String change = presence == null || presence.hasCome() == null
                ? ""
                : (presence.hasCome() ? "+" : "-") + (presence.user() == null ? "?" : presence.user()) + " ";
        return told.topic() + " " + change + (presence == null ? "" : presence.count());
    }

    private static String text(Query.Member member) {
        return (member.user() == null ? "?" : member.user())
                + (member.connections() == 1 ? "" : "×" + member.connections());
    }

    Server start() {
        Server server = new Server();
        servers.add(server);
        settle();
        return server;
    }

    /// Runs what is ready, until nothing is.
    void settle() {
        int ran;
        do {
            ran = engine.runAll() + (isDurableStill ? 0 : durableThread.runAll());
            for (Server server : servers) {
                ran += server.stands ? 0 : server.loop.runAll();
            }
        } while (ran > 0);
    }

    /// Lets time go by.
    void pass(Duration time) {
        for (long leftMs = time.toMillis(); leftMs > 0; leftMs -= STEP_MS) {
            clock.advance(Duration.ofMillis(Math.min(STEP_MS, leftMs)));
            engine.advance(Duration.ZERO);
            if (!isDurableStill) {
                durableThread.advance(Duration.ZERO);
            }
            for (Server server : servers) {
                if (!server.stands) {
                    server.loop.advance(Duration.ZERO);
                }
            }
            settle();
        }
    }

    /// Lets time go by until it is so.
    ///
    /// @return how long that took, in milliseconds
    long passUntil(Duration most, BooleanSupplier isSo) {
        long beganMs = clock.millis();
        while (!isSo.getAsBoolean()) {
            if (clock.millis() - beganMs > most.toMillis()) {
                throw new AssertionError("not within " + most);
            }
            pass(Duration.ofMillis(STEP_MS));
        }
        return clock.millis() - beganMs;
    }

    <T> T ask(CompletionStage<T> stage) {
        settle();
        if (!stage.toCompletableFuture().isDone()) {
            throw new AssertionError("no answer");
        }
        return stage.toCompletableFuture().join();
    }

    List<String> keys(String partition) {
        return ask(ephemeral.scan(partition, "", "", 1_000)).records().stream()
                .map(StateRecord::key)
                .toList();
    }

    static Presence.Present who(String connectionId, @Nullable String user) {
        return new Presence.Present(connectionId, user, null, false);
    }
}
