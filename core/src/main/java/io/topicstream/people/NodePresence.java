package io.topicstream.people;

import io.topicstream.log.Deadlines;
import io.topicstream.log.LogLimit;
import io.topicstream.log.LogUnavailableException;
import io.topicstream.log.Timers;
import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.Query;
import io.topicstream.signal.Following;
import io.topicstream.signal.Signal;
import io.topicstream.state.StateStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Presence as a node keeps it, and through the stores that of all nodes. Thread-safe: all of it belongs to one thread
/// of its own, to which everything is handed.
///
/// ## Its own
///
/// A connection that has ended stays in its topics for a grace time, so that a user who comes back meanwhile was never
/// gone; what its user leaves by a word is left at once. What has changed is told once what else waits for the thread
/// has been done, to those who listen on this node.
///
/// ## Other nodes
///
/// As long as it is alone it writes nothing. When it sees another node it writes what it has
/// ([PresenceWrites]), and for each topic in which it has members it follows what the others say of theirs
/// ([PresenceEar]): that is read when it begins to follow and after each loss ([PresenceReads]), and compared
/// with their index every two seconds ([PresenceCheck]), for any signal may be lost. What a node says counts as
/// long as it lives ([PresenceNodes]); who was on one that died has gone with it.
///
/// ## Bounds
///
/// It has an entry for each connection and topic in which that is seen, and of other nodes one for each of their
/// members of the same topics. What is written, read and told at once is bounded by number; what changes meanwhile is
/// noted once for each member. What waits for its thread is bounded: what its own event loops say by the state of each
/// connection ([PresenceInbox]), what other nodes say in bytes ([PresenceLane]).
public final class NodePresence implements Presence {
    /// How long a user who has gone may come back unnoticed, where nothing is configured.
    public static final Duration GRACE = Duration.ofSeconds(3);
    /// About how many signals are handed to the listeners at once.
    private static final int MOST_TOLD = 1_000;
    /// How long what happens in a topic is not told while it is not known who is in it on other nodes.
    private static final long FIRST_READING_MS = 2_000;

    private static final System.Logger LOGGER = System.getLogger(NodePresence.class.getName());

    private final GraceTime graceTime;
    private final InstantSource clock;
    private final Executor executor;
    private final Timers timers;
    private final StateStore store;
    private final Following.Source source;
    private final Deadlines deadlines;
    private final PresenceNodes nodes;
    private final PresenceWrites writes;
    private final PresenceReads reads;
    private final PresenceCheck check;
    private final OnlineUsers online;
    private final LastSeen lastSeen;
    private final PresentPolicies policies;
    private final PresenceInbox inbox = new PresenceInbox();
    private final Said said = new Said();

    // Owned by the thread.
    private final Map<String, SeenConnection> connections = new HashMap<>();
    private final NavigableMap<String, PresentTopic> topics = new TreeMap<>();
    private final ArrayDeque<PresentTopic> toTell = new ArrayDeque<>();
    private boolean isTelling;
    private Consumer<List<Told>> listeners = _ -> {};
    private Runnable leased = () -> {};
    private boolean stopped;
    private PresenceEvents events = PresenceEvents.NONE;

    /// What those who listen to a topic on this node are told.
    ///
    /// @param signal a [Signal.Presence]
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    public record Told(TopicName topic, byte[] signal) {}

    /// @param ephemeral the store of what dies with a node
    /// @param durable where it stands when users were last seen
    /// @param grace how long a user who has gone may come back unnoticed; may be nothing
    /// @param executor of one thread
    /// @param timers of the same thread
    public NodePresence(
            StateStore ephemeral,
            StateStore durable,
            TopicFeed feed,
            PresencePolicies policies,
            Duration grace,
            InstantSource clock,
            RandomGenerator random,
            Executor executor,
            Timers timers) {
        this.clock = clock;
        this.executor = executor;
        this.timers = (task, delayMs) -> timers.schedule(guarded(task), delayMs);
        this.store = ephemeral;
        Executor thread = this::enqueue;
        this.source = new Following.Source(feed, new PresenceLane(thread, this::readAnew), this.timers, random);
        this.deadlines = new Deadlines(this.timers, thread);
        LogLimit logLimit = new LogLimit(clock);
        this.nodes = new PresenceNodes(ephemeral, clock, random, deadlines, this.timers, new OtherNodes());
        this.writes = new PresenceWrites(
                ephemeral, feed, nodes, deadlines, this.timers, random, logLimit, this::forgetIfEmpty);
        this.reads = new PresenceReads(ephemeral, nodes, deadlines, this.timers, thread, random, this::tellLater);
        this.check = new PresenceCheck(ephemeral, nodes, deadlines, this.timers, thread, new Compared(), clock);
        this.online = new OnlineUsers(ephemeral, nodes, deadlines, this.timers, thread, random);
        this.lastSeen = new LastSeen(durable, this.timers);
        this.policies = new PresentPolicies(policies, topics, source, deadlines, this::onPolicy);
        this.graceTime = new GraceTime(grace.toMillis(), clock, this.timers, this::forget);
    }

    /// Tells somebody of those who join and leave by name through this node. Called before it begins.
    public void tell(PresenceEvents wanted) {
        events = wanted;
    }

    /// Begins. Called once.
    ///
    /// @param tag of the node, as it stands in the ids of its connections
    /// @param listening takes what those who listen on this node are told, on the presence's thread
    /// @param onLeased run when others see that this node lives, and again when they may have thought that it does
    ///     not; on the presence's thread
    public void start(int tag, Consumer<List<Told>> listening, Runnable onLeased) {
        enqueue(() -> {
            listeners = listening;
            leased = onLeased;
            nodes.start(tag);
            policies.begin();
            check.want();
        });
    }

    /// Whether a node with this tag lives: where it has died that is known a few seconds later.
    public CompletionStage<Boolean> isAnyAlive(int tag) {
        return PresenceNodes.isAnyAlive(store, tag);
    }

    /// Ends it: answers when it is written who was last seen when. Its members are gone for others a few seconds
    /// later, so that they have that long to come to another node.
    public CompletionStage<Boolean> stop() {
        return ask(() -> {
            stopped = true;
            nodes.stop();
            policies.end();
            check.stop();
            topics.values().forEach(this::endEar);
            return lastSeen.write();
        });
    }

    // ---- the thread

    private void enqueue(Runnable task) {
        try {
            executor.execute(guarded(task));
        } catch (RejectedExecutionException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "presence has stopped", e);
        }
    }

    private static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                LOGGER.log(System.Logger.Level.ERROR, "presence goes on after something failed", e);
            }
        };
    }

    private <T> CompletionStage<T> ask(Supplier<CompletionStage<T>> question) {
        try {
            return CompletableFuture.supplyAsync(question, executor).thenCompose(stage -> stage);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(new LogUnavailableException("presence has stopped", e));
        }
    }

    /// Signals of other nodes were dropped, since too many waited.
    private void readAnew() {
        policies.onMissed();
        for (PresentTopic topic : topics.values()) {
            if (topic.ear != null) {
                reads.want(topic);
            }
        }
    }

    // ---- connections

    @Override
    public void opened(Present who) {
        takeLater(inbox.opened(who));
    }

    @Override
    public void closed(Present who) {
        takeLater(inbox.closed(who));
    }

    @Override
    public void renamed(Present who) {
        takeLater(inbox.renamed(who));
    }

    @Override
    public void enter(TopicName topic, Present who) {
        takeLater(inbox.moved(topic, who, true));
    }

    @Override
    public void leave(TopicName topic, Present who) {
        takeLater(inbox.moved(topic, who, false));
    }

    private void takeLater(boolean isFirst) {
        if (isFirst) {
            enqueue(() -> inbox.take(said));
        }
    }

    /// Takes what event loops have said.
    private final class Said implements PresenceInbox.Taker {
        @Override
        public void onOpened(Present who) {
            String user = who.user();
            if (user != null) {
                online.come(user);
            }
        }

        @Override
        public void onClosed(Present who) {
            SeenConnection seen = connections.remove(who.connectionId());
            String user = who.user();
            if (user == null) {
                if (seen != null) {
                    leaveAll(seen);
                }
                return;
            }
            if (online.connections(user) <= 1 + graceTime.of(user).size()) {
                lastSeen.note(user, clock.millis());
            }
            graceTime.begin(user, seen, who.isForgottenAtOnce());
        }

        @Override
        public void onRenamed(Present who) {
            SeenConnection seen = connections.get(who.connectionId());
            if (seen == null) {
                return;
            }
            for (TopicName name : seen.topics) {
                PresentTopic topic = topics.get(name.value());
                if (topic != null && topic.rename(seen.member, who.name())) {
                    writes.changed(topic, seen.member);
                }
            }
        }

        @Override
        public void onEntered(TopicName topic, Present who) {
            SeenConnection seen = connections.computeIfAbsent(
                    who.connectionId(), _ -> new SeenConnection(PresenceRecords.member(who)));
            if (seen.topics.add(topic)) {
                come(topic, seen.member, who.name());
            }
        }

        @Override
        public void onLeft(TopicName topic, Present who) {
            SeenConnection seen = connections.get(who.connectionId());
            if (seen == null || !seen.topics.remove(topic)) {
                return;
            }
            if (seen.topics.isEmpty()) {
                connections.remove(who.connectionId());
            }
            go(topic, seen.member);
            // One of the user's that has ended does not keep it in what it leaves by a word.
            for (GraceTime.Ghost ghost : graceTime.of(who.user())) {
                if (ghost.seen() != null && ghost.seen().topics.remove(topic)) {
                    go(topic, ghost.seen().member);
                }
            }
        }
    }

    private void forget(GraceTime.Ghost ghost) {
        online.go(ghost.user());
        if (ghost.seen() != null) {
            leaveAll(ghost.seen());
        }
    }

    private void leaveAll(SeenConnection seen) {
        for (TopicName topic : seen.topics) {
            go(topic, seen.member);
        }
        seen.topics.clear();
    }

    private void come(TopicName name, String member, @Nullable String shown) {
        PresentTopic topic = topics.computeIfAbsent(name.value(), _ -> policies.begin(name));
        boolean isFirst = topic.isEmpty();
        topic.come(member, shown, clock.millis(), events);
        if (isFirst && !nodes.isAlone()) {
            beginEar(topic, true);
        }
        writes.changed(topic, member);
        tellLater(topic);
    }

    private void go(TopicName name, String member) {
        PresentTopic topic = topics.get(name.value());
        if (topic == null) {
            return;
        }
        topic.go(member, events);
        writes.changed(topic, member);
        tellLater(topic);
        if (topic.isEmpty()) {
            endEar(topic);
            forgetIfEmpty(topic);
        }
    }

    private void onPolicy(PresentTopic topic) {
        topic.tellHeld(events);
        tellLater(topic);
        forgetIfEmpty(topic);
    }

    private void forgetIfEmpty(PresentTopic topic) {
        if (topic.isEmpty() && !topic.holdsEvents() && PresenceWrites.isAtRest(topic)) {
            topics.remove(topic.name().value(), topic);
        }
    }

    /// @param fresh whether nobody here knew the topic before: then those who are in it on other nodes are no
    ///     news, and what happens here is told when they are known
    private void beginEar(PresentTopic topic, boolean fresh) {
        if (topic.ear != null || stopped) {
            return;
        }
        PresenceEar ear = new PresenceEar(source, topic, new Heard());
        topic.ear = ear;
        topic.beginFollowing(fresh);
        if (fresh) {
            timers.schedule(
                    () -> {
                        topic.waitNoLonger();
                        tellLater(topic);
                    },
                    FIRST_READING_MS);
        }
        ear.begin();
    }

    private void endEar(PresentTopic topic) {
        PresenceEar ear = topic.ear;
        if (ear != null) {
            topic.ear = null;
            ear.end();
            topic.forgetOthers();
        }
    }

    // ---- what is told

    private void tellLater(PresentTopic topic) {
        if (topic.noteToTell()) {
            toTell.add(topic);
            if (!isTelling) {
                isTelling = true;
                // After what waits: what is undone by that is not told.
                enqueue(this::tell);
            }
        }
    }

    private void tell() {
        isTelling = false;
        long nowMs = clock.millis();
        List<Told> told = new ArrayList<>();
        List<byte[]> signals = new ArrayList<>();
        for (PresentTopic topic = toTell.poll(); topic != null; topic = toTell.poll()) {
            if (topic.waits()) {
                topic.skipTelling();
                continue;
            }
            long laterMs = topic.tell(nowMs, signals);
            if (!topic.isEmpty()) {
                for (byte[] signal : signals) {
                    told.add(new Told(topic.name(), signal));
                }
            }
            signals.clear();
            if (told.size() >= MOST_TOLD) {
                listeners.accept(told);
                told = new ArrayList<>();
            }
            PresentTopic again = topic;
            if (laterMs > 0 && topic.noteToTell()) {
                timers.schedule(
                        () -> {
                            toTell.add(again);
                            tell();
                        },
                        laterMs);
            }
        }
        if (!told.isEmpty()) {
            listeners.accept(told);
        }
    }

    // ---- other nodes

    private final class OtherNodes implements PresenceNodes.Watcher {
        @Override
        public void onCame(String node) {
            writes.begin(topics.values());
            online.begin();
            topics.values().stream().filter(topic -> !topic.isEmpty()).forEach(topic -> beginEar(topic, false));
            check.want();
        }

        @Override
        public void onDied(String node) {
            for (PresentTopic topic : topics.values()) {
                if (topic.forget(node)) {
                    tellLater(topic);
                }
            }
            check.want();
            check.clearOnline();
        }

        @Override
        public void onRenamed() {
            writes.writeAgain(topics.values());
            online.writeAgain();
            check.want();
        }

        @Override
        public void onLeased() {
            leased.run();
        }

        @Override
        public void onLooked() {
            writes.onLooked();
            online.onLooked();
        }
    }

    private final class Heard implements PresenceEar.Hearer {
        @Override
        public void onFollowing(PresentTopic topic) {
            reads.want(topic);
        }

        @Override
        public void onChanged(PresentTopic topic, Signal.MembersChanged changed) {
            String node = PresenceRecords.node(changed.node());
            List<PresenceRecords.Change> changes = PresenceRecords.decode(changed.changes());
            if (changes == null || topic.ear == null || !nodes.hear(node)) {
                return;
            }
            reads.heard(topic, changed);
            if (!topic.hear(node, changed.after(), changed.change(), changes)) {
                reads.want(topic);
            }
            tellLater(topic);
        }
    }

    private final class Compared implements PresenceCheck.Topics {
        @Override
        public void onIndex(String name, String node, PresenceRecords.Index index) {
            PresentTopic topic = topics.get(name);
            if (topic != null && topic.ear != null && topic.misses(node, index.change())) {
                reads.want(topic);
            }
        }

        @Override
        public void onCompared() {
            for (PresentTopic topic : topics.values()) {
                if (!topic.isAlone()) {
                    topic.forgetUnseen();
                    tellLater(topic);
                }
            }
        }
    }

    // ---- what is asked

    @Override
    public CompletionStage<Members> members(TopicName name, String after, int limit) {
        return ask(() -> {
            PresentTopic topic = topics.get(name.value());
            if (topic != null && !topic.isEmpty()) {
                return whenRead(topic, () -> topic.members(after, limit));
            }
            return nodes.isAlone()
                    ? CompletableFuture.completedFuture(new Members(List.of(), 0, null))
                    : new MembersElsewhere(store, nodes, name).page(after, limit);
        });
    }

    @Override
    public CompletionStage<Crowd> crowd(TopicName name) {
        return ask(() -> {
            PresentTopic topic = topics.get(name.value());
            if (topic != null && !topic.isEmpty()) {
                return whenRead(topic, topic::crowd);
            }
            return nodes.isAlone()
                    ? CompletableFuture.completedFuture(new Crowd(name, 0, 0))
                    : new MembersElsewhere(store, nodes, name).crowd();
        });
    }

    @Override
    public CompletionStage<List<Query.OnlineUser>> online(List<String> users) {
        return ask(() -> {
            List<CompletableFuture<Query.OnlineUser>> all = new ArrayList<>(users.size());
            for (String user : users) {
                all.add(online.isOnline(user)
                        .thenCompose(isOnline -> isOnline
                                ? CompletableFuture.completedFuture(new Query.OnlineUser(user, true, null))
                                : lastSeen.of(user).thenApply(atMs -> new Query.OnlineUser(user, false, atMs)))
                        .toCompletableFuture());
            }
            return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
                    .thenApply(_ -> all.stream().map(CompletableFuture::join).toList());
        });
    }

    @Override
    public CompletionStage<Crowds> crowds(String prefix, String after, int limit) {
        return ask(() -> nodes.isAlone()
                ? CompletableFuture.completedFuture(ownCrowds(prefix, after, limit))
                : new CrowdsOfNodes(store, this::enqueue, nodes, this::crowdHere, prefix, limit).page(after));
    }

    private static <T> CompletionStage<T> whenRead(PresentTopic topic, Supplier<T> answer) {
        CompletableFuture<T> read = new CompletableFuture<>();
        topic.whenRead(() -> read.complete(answer.get()));
        return read;
    }

    private Crowds ownCrowds(String prefix, String after, int limit) {
        List<Crowd> crowds = new ArrayList<>();
        // A beginning of a name is before it.
        String from = after.compareTo(prefix) >= 0 ? after : prefix;
        for (PresentTopic topic : topics.tailMap(from, true).values()) {
            String name = topic.name().value();
            if (!name.startsWith(prefix)) {
                break;
            }
            if (topic.isEmpty() || name.equals(after)) {
                continue;
            }
            if (crowds.size() == limit) {
                return new Crowds(crowds, crowds.getLast().topic().value());
            }
            crowds.add(topic.crowd());
        }
        return new Crowds(crowds, null);
    }

    /// How many are in the topic, where this node knows it.
    private @Nullable Crowd crowdHere(TopicName name) {
        PresentTopic topic = topics.get(name.value());
        return topic == null || topic.isEmpty() ? null : topic.crowd();
    }
}
