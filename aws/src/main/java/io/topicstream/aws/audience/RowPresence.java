package io.topicstream.aws.audience;

import static io.topicstream.aws.audience.Waits.await;

import io.topicstream.log.TopicName;
import io.topicstream.people.Presence;
import io.topicstream.people.PresencePolicies;
import io.topicstream.policy.PresencePolicy;
import io.topicstream.protocol.Query;
import io.topicstream.signal.Signal;
import io.topicstream.state.StateNumber;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Who is there, as rows beside the log: a row for each member of a topic, with the connections that make it one. Who
/// comes first or goes last is decided by the versioned put of that row, so it is told once. Blocks; thread-safe.
///
/// | partition | key | value |
/// | --- | --- | --- |
/// | `present/` + topic | member | a [Row] |
/// | `crowds` | topic | one byte, 0; as long as there is a row of the topic, and perhaps longer |
/// | `last-seen` | user | a `StateNumber`: epoch milliseconds |
///
/// A connection's own row names the topics that it listens to, so its end finds all that it is in. A user is online
/// as long as the gateway has a connection of which there is a row.
///
/// The end of a connection may be told to nobody. Then it is seen until something is said to it, somebody asks whether
/// its user is online, or its time is over.
final class RowPresence implements Presence {
    private static final int PAGE = 500;
    private static final String CROWDS = "crowds";
    private static final String LAST_SEEN = "last-seen";

    private final PresencePolicies policies;
    private final StateStore store;
    private final ConnectionRows connections;
    private final Later later;
    private final Duration grace;
    private final InstantSource clock;
    private final Predicate<String> isGone;
    private final Consumer<String> gone;
    private final Telling telling;

    /// Who is told what changed.
    interface Telling {
        /// Tells it.
        ///
        /// @param connectionIds of those who may want to hear it
        void tell(TopicName topic, Collection<String> connectionIds, byte[] signal);
    }

    /// @param policies say where names are told
    /// @param grace how long a user who has gone may come back unnoticed
    /// @param isGone whether the gateway has no such connection
    /// @param gone told of a connection of which that is so; may block
    RowPresence(
            PresencePolicies policies,
            StateStore store,
            ConnectionRows connections,
            Later later,
            Duration grace,
            InstantSource clock,
            Predicate<String> isGone,
            Consumer<String> gone,
            Telling telling) {
        this.policies = policies;
        this.store = store;
        this.connections = connections;
        this.later = later;
        this.grace = grace;
        this.clock = clock;
        this.isGone = isGone;
        this.gone = gone;
        this.telling = telling;
    }

    /// One member of a topic.
    ///
    /// @param connections that are seen there
    /// @param hearing those of them that hear who comes and goes
    private record Row(@Nullable String name, long since, Set<String> connections, Set<String> hearing) {
        static final Row NOBODY = new Row(null, 0, Set.of(), Set.of());

        Row with(String connectionId, @Nullable String shown, boolean hears, long nowMs) {
            Set<String> all = new TreeSet<>(connections);
            Set<String> hear = new TreeSet<>(hearing);
            all.add(connectionId);
            if (hears) {
                hear.add(connectionId);
            } else {
                hear.remove(connectionId);
            }
            return new Row(shown == null ? name : shown, connections.isEmpty() ? nowMs : since, all, hear);
        }

        Row without(String connectionId) {
            Set<String> all = new TreeSet<>(connections);
            Set<String> hear = new TreeSet<>(hearing);
            all.remove(connectionId);
            hear.remove(connectionId);
            return new Row(name, since, all, hear);
        }

        byte[] encode() {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (DataOutputStream out = new DataOutputStream(bytes)) {
                out.writeUTF(name == null ? "" : name);
                out.writeLong(since);
                out.writeShort(connections.size());
                for (String connection : connections) {
                    out.writeUTF(connection);
                    out.writeBoolean(hearing.contains(connection));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return bytes.toByteArray();
        }

        static Row decode(byte[] value) {
            try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(value))) {
                String name = in.readUTF();
                long since = in.readLong();
                Set<String> connections = new TreeSet<>();
                Set<String> hearing = new TreeSet<>();
                for (int left = in.readUnsignedShort(); left > 0; left--) {
                    String connection = in.readUTF();
                    connections.add(connection);
                    if (in.readBoolean()) {
                        hearing.add(connection);
                    }
                }
                return new Row(name.isEmpty() ? null : name, since, connections, hearing);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static String partition(TopicName topic) {
        return "present/" + topic.value();
    }

    private static String member(Present who) {
        return member(who.user(), who.connectionId());
    }

    private static String member(@Nullable String user, String connectionId) {
        return user == null ? "~" + connectionId : user;
    }

    private static @Nullable String user(String member) {
        return member.startsWith("~") ? null : member;
    }

    private static long expiresAtMs(InstantSource clock) {
        return clock.millis() + ConnectionRows.LIFE.toMillis();
    }

    // ---- connections

    @Override
    public void opened(Present who) {
        // Its row says so.
    }

    @Override
    public void closed(Present who) {
        throw new IllegalStateException("the end of a connection knows its topics");
    }

    /// A connection has ended.
    ///
    /// @param topics that it listened to
    void closed(Present who, Collection<TopicName> topics) {
        String user = who.user();
        if (topics.isEmpty()) {
            return;
        }
        if (user == null || who.isForgottenAtOnce() || grace.isZero()) {
            forget(who.connectionId(), user, topics);
        } else {
            later.call(new Task.Forget(who.connectionId(), user, List.copyOf(topics)), grace);
        }
    }

    /// Notes that a user was seen just now.
    CompletionStage<?> seen(String user) {
        return store.advance(LAST_SEEN, user, clock.millis());
    }

    /// A connection that has ended is seen no longer in these topics.
    void forget(String connectionId, @Nullable String user, Collection<TopicName> topics) {
        String member = member(user, connectionId);
        List<TopicName> all = List.copyOf(topics);
        List<CompletableFuture<@Nullable StateRecord>> rows = all.stream()
                .map(topic -> store.get(partition(topic), member).toCompletableFuture())
                .toList();
        Waits.awaitAll(rows);
        for (int i = 0; i < rows.size(); i++) {
            StateRecord row = rows.get(i).join();
            if (row != null && Row.decode(row.value()).connections().contains(connectionId)) {
                go(all.get(i), connectionId, member);
            }
        }
    }

    @Override
    public void renamed(Present who) {
        ConnectionRows.Row row = connections.load(who.connectionId());
        if (row != null) {
            for (TopicName topic : row.connection().topics().keySet()) {
                change(
                        topic,
                        member(who),
                        seen -> seen.connections().isEmpty()
                                ? seen
                                : new Row(who.name(), seen.since(), seen.connections(), seen.hearing()));
            }
        }
    }

    // ---- topics

    @Override
    public void enter(TopicName topic, Present who) {
        enter(topic, who, false);
    }

    /// It is in the topic from now on.
    ///
    /// @param hears whether it hears who comes and goes
    void enter(TopicName topic, Present who, boolean hears) {
        await(store.put(CROWDS, topic.value(), new byte[1], StateStore.ANY_VERSION, expiresAtMs(clock)));
        Row before = change(topic, member(who), row -> row.with(who.connectionId(), who.name(), hears, clock.millis()));
        if (before.connections().isEmpty()) {
            tell(topic, true, user(member(who)), who.name());
        }
        ConnectionRows.Row row = connections.load(who.connectionId());
        if (row == null || row.connection().phase() == Connection.Phase.ENDED) {
            // It may have ended before this was written.
            go(topic, who.connectionId(), member(who));
        }
    }

    @Override
    public void leave(TopicName topic, Present who) {
        Row row = find(topic, member(who));
        if (!row.connections().contains(who.connectionId())) {
            return;
        }
        go(topic, who.connectionId(), member(who));
        String user = who.user();
        if (user != null && row.connections().size() > 1) {
            // One of the user's that has ended does not keep it in what it leaves by a word.
            Set<String> alive = Set.copyOf(connections.ofUser(user));
            row.connections().stream()
                    .filter(connectionId -> !alive.contains(connectionId))
                    .forEach(connectionId -> go(topic, connectionId, member(who)));
        }
    }

    private void go(TopicName topic, String connectionId, String member) {
        Row before = change(topic, member, row -> row.without(connectionId));
        if (before.connections().contains(connectionId) && before.connections().size() == 1) {
            tell(topic, false, user(member), before.name());
        }
    }

    private Row find(TopicName topic, String member) {
        StateRecord record = await(store.get(partition(topic), member));
        return record == null ? Row.NOBODY : Row.decode(record.value());
    }

    /// Changes a row, as it is by then.
    ///
    /// @return how it was
    private Row change(TopicName topic, String member, UnaryOperator<Row> change) {
        while (true) {
            StateRecord record = await(store.get(partition(topic), member));
            Row before = record == null ? Row.NOBODY : Row.decode(record.value());
            Row after = change.apply(before);
            if (after.equals(before)) {
                return before;
            }
            boolean isChanged;
            if (after.connections().isEmpty()) {
                isChanged = record == null || await(store.delete(partition(topic), member, record.version()));
            } else {
                long version = record == null ? StateStore.ABSENT : record.version();
                isChanged =
                        await(store.put(partition(topic), member, after.encode(), version, expiresAtMs(clock))) != 0;
            }
            if (isChanged) {
                return before;
            }
        }
    }

    private void tell(TopicName topic, boolean hasCome, @Nullable String user, @Nullable String name) {
        Set<String> hearing = new LinkedHashSet<>();
        List<StateRecord> rows = all(partition(topic), "");
        rows.forEach(row -> hearing.addAll(Row.decode(row.value()).hearing()));
        PresencePolicy known = policies.known(topic);
        switch (known == null ? await(policies.of(topic)) : known) {
            case OFF -> {}
            case COUNTS -> telling.tell(topic, hearing, new Signal.Presence(null, null, null, rows.size()).encode());
            case ON_REQUEST, NAMES ->
                telling.tell(topic, hearing, new Signal.Presence(hasCome, user, name, rows.size()).encode());
        }
    }

    // ---- what is asked

    /// Asks where one may wait: here, if this is a run's own thread. Else on one that is begun for it, since an
    /// answer of before may have come on a thread of the engine, which would wait for itself.
    private static <T> CompletionStage<T> ask(Supplier<T> question) {
        if (Thread.currentThread().isVirtual()) {
            return CompletableFuture.completedFuture(question.get());
        }
        return CompletableFuture.supplyAsync(question, Thread::startVirtualThread);
    }

    private List<StateRecord> all(String partition, String prefix) {
        List<StateRecord> all = new ArrayList<>();
        StatePage page;
        do {
            page = await(store.scan(
                    partition, prefix, all.isEmpty() ? "" : all.getLast().key(), PAGE));
            all.addAll(page.records());
        } while (!page.isLast());
        return all;
    }

    @Override
    public CompletionStage<Members> members(TopicName topic, String after, int limit) {
        return ask(() -> {
            List<StateRecord> all = all(partition(topic), "");
            List<StateRecord> rest =
                    all.stream().filter(row -> row.key().compareTo(after) > 0).toList();
            List<Query.Member> members = rest.stream()
                    .limit(limit)
                    .map(record -> {
                        Row row = Row.decode(record.value());
                        return new Query.Member(
                                user(record.key()),
                                row.name(),
                                row.connections().size(),
                                row.since());
                    })
                    .toList();
            return new Members(
                    members,
                    all.size(),
                    rest.size() > limit ? rest.get(limit - 1).key() : null);
        });
    }

    @Override
    public CompletionStage<List<Query.OnlineUser>> online(List<String> users) {
        return ask(() -> users.stream().map(this::onlineUser).toList());
    }

    private Query.OnlineUser onlineUser(String user) {
        if (isOnline(user)) {
            return new Query.OnlineUser(user, true, null);
        }
        StateRecord record = await(store.get(LAST_SEEN, user));
        return new Query.OnlineUser(user, false, record == null ? null : StateNumber.of(record.value()));
    }

    private boolean isOnline(String user) {
        boolean isOnline = false;
        for (String connectionId : connections.ofUser(user)) {
            if (!isGone.test(connectionId)) {
                isOnline = true;
                continue;
            }
            ConnectionRows.Row row = connections.load(connectionId);
            if (row != null && row.connection().phase() == Connection.Phase.OPEN) {
                gone.accept(connectionId);
            }
        }
        return isOnline;
    }

    @Override
    public CompletionStage<Crowd> crowd(TopicName topic) {
        return ask(() -> crowdIn(topic));
    }

    private Crowd crowdIn(TopicName topic) {
        List<StateRecord> rows = all(partition(topic), "");
        return new Crowd(
                topic,
                rows.size(),
                rows.stream()
                        .mapToLong(row -> Row.decode(row.value()).connections().size())
                        .sum());
    }

    @Override
    public CompletionStage<Crowds> crowds(String prefix, String after, int limit) {
        return ask(() -> {
            List<Crowd> crowds = new ArrayList<>();
            for (StateRecord record : all(CROWDS, prefix)) {
                Crowd crowd = record.key().compareTo(after) > 0 ? crowdIn(new TopicName(record.key())) : null;
                if (crowd == null || crowd.users() == 0) {
                    continue;
                }
                if (crowds.size() == limit) {
                    return new Crowds(crowds, crowds.getLast().topic().value());
                }
                crowds.add(crowd);
            }
            return new Crowds(crowds, null);
        });
    }
}
