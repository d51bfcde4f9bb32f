package io.topicstream.people;

import io.topicstream.access.DirectTopic;
import io.topicstream.log.Signals;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.policy.PresencePolicy;
import io.topicstream.protocol.Query;
import io.topicstream.signal.Signal;
import io.topicstream.state.StateNumber;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/// How far users have come in topics: which messages have arrived, and which were read. Thread-safe.
///
/// ## Layout
///
/// | partition | key | value |
/// | --- | --- | --- |
/// | `receipts/` + topic | user | what has arrived, a [StateNumber] |
/// | `cursors/` + user | topic + ` d` | what has arrived, a [StateNumber] |
/// | `cursors/` + user | topic + ` r` | what was read, a [StateNumber] |
/// | `forgotten-receipts` | topic | the last offset of a room when it was deleted, a [StateNumber]; for a day |
///
/// Offsets only go up, whichever device, node or order they come from. The first partition is an index, to
/// ask who has not received a message; it is written first, and may be ahead of the others for a moment. Log
/// and records are one store, so where the log loses its newest messages the records go back with it.
///
/// ## Who is told
///
/// The audience of a topic hears of each step that was stored, by a signal that is not kept, where the policy
/// tells who is there by name: in the chat of two users, and in a room of at most [#MOST_TOLD] users. In a
/// larger one each message would bring as many receipts as there are members, each to all of them.
public final class Receipts implements Acks {
    /// The most users of a room whose receipts are told.
    public static final int MOST_TOLD = 50;

    private static final String DELIVERED = " d";
    private static final String READ = " r";
    private static final String FORGOTTEN = "forgotten-receipts";

    private final StateStore store;
    private final TopicLog log;
    private final Signals signals;
    private final Presence presence;
    private final PresencePolicies policies;

    /// @param signals by which audiences are told
    /// @param presence says how large a topic's audience is
    /// @param policies say where names are told
    public Receipts(StateStore store, TopicLog log, Signals signals, Presence presence, PresencePolicies policies) {
        this.store = store;
        this.log = log;
        this.signals = signals;
        this.presence = presence;
        this.policies = policies;
    }

    /// Some of the topics in which something is stored of a user, by name.
    ///
    /// @param isLast whether they are the last
    public record Page(List<TopicName> topics, boolean isLast) {}

    /// A user who has not received a message.
    ///
    /// @param delivered the last offset that has arrived; 0 for none
    public record Behind(String user, long delivered) {}

    /// Some of the users of whom something is stored in a topic, by id.
    ///
    /// @param behind those who have not received the message
    /// @param next after which they go on, or null at the end
    public record BehindPage(List<Behind> behind, @Nullable String next) {}

    // ---- what is stored

    /// Stores it at once.
    @Override
    public CompletionStage<Taken> take(String user, TopicName topic, Progress acked, boolean isAnswered) {
        return store(user, topic, acked).thenApply(_ -> Taken.TAKEN);
    }

    @Override
    public Map<TopicName, Progress> pending(String user) {
        return Map.of();
    }

    /// Stores how far a user has come, where that is further than what is stored, and tells of it.
    CompletionStage<?> store(String user, TopicName topic, Progress acked) {
        CompletionStage<Boolean> isTold = isTold(topic);
        return find(user, topic)
                .thenCombine(
                        log.extent(topic),
                        (before, extent) ->
                                storeUnlessForgotten(user, topic, before, acked.within(extent.nextOffset() - 1)))
                .thenCompose(stored -> stored)
                .thenCombine(isTold, (step, told) -> {
                    if (told && !step.isNone()) {
                        var _ = signals.signal(topic, new Signal.Receipt(user, step.delivered(), step.read()).encode());
                    }
                    return step;
                });
    }

    /// An ack of what was said before its room was deleted leaves nothing behind.
    private CompletionStage<Progress> storeUnlessForgotten(
            String user, TopicName topic, Progress before, Progress wanted) {
        return before.delivered() > 0 || before.read() > 0 || !Rooms.isRoom(topic)
                ? advance(user, topic, before, wanted)
                : number(FORGOTTEN, topic.value())
                        .thenCompose(end -> wanted.delivered() > end
                                ? advance(user, topic, before, wanted)
                                : CompletableFuture.completedFuture(Progress.NONE));
    }

    /// @return what has changed
    private CompletionStage<Progress> advance(String user, TopicName topic, Progress before, Progress wanted) {
        boolean hasArrived = wanted.delivered() > before.delivered();
        boolean hasRead = wanted.read() > before.read();
        CompletionStage<Long> indexed = hasArrived
                ? store.advance("receipts/" + topic, user, wanted.delivered())
                : CompletableFuture.completedFuture(0L);
        return indexed.thenCompose(_ -> advance(hasArrived, user, topic, DELIVERED, wanted.delivered())
                .thenCombine(
                        advance(hasRead, user, topic, READ, wanted.read()),
                        (arrived, read) -> new Progress(
                                arrived == wanted.delivered() ? arrived : Query.NOT_GIVEN,
                                read == wanted.read() ? read : Query.NOT_GIVEN)));
    }

    /// @return what is stored afterwards, or [Query#NOT_GIVEN] where nothing was to be
    private CompletionStage<Long> advance(boolean isHigher, String user, TopicName topic, String what, long offset) {
        return isHigher
                ? store.advance(partition(user), topic + what, offset)
                : CompletableFuture.completedFuture(Query.NOT_GIVEN - 1);
    }

    /// Whether the audience is told of it. Where nobody knows how large that is, it is not.
    private CompletionStage<Boolean> isTold(TopicName topic) {
        PresencePolicy known = policies.known(topic);
        return known != null
                ? isTold(topic, known)
                : policies.of(topic)
                        .thenCompose(policy -> isTold(topic, policy))
                        .exceptionally(_ -> false);
    }

    private CompletionStage<Boolean> isTold(TopicName topic, PresencePolicy policy) {
        if (policy != PresencePolicy.NAMES) {
            return CompletableFuture.completedFuture(false);
        }
        return topic.value().startsWith(DirectTopic.PREFIX)
                ? CompletableFuture.completedFuture(true)
                : presence.crowd(topic)
                        .thenApply(crowd -> crowd.users() <= MOST_TOLD)
                        .exceptionally(_ -> false);
    }

    // ---- what is asked

    /// How far the user has come in the topic; 0 for nothing.
    public CompletionStage<Progress> find(String user, TopicName topic) {
        return number(partition(user), topic + DELIVERED)
                .thenCombine(number(partition(user), topic + READ), Progress::new);
    }

    private CompletionStage<Long> number(String partition, String key) {
        return store.get(partition, key).thenApply(record -> record == null ? 0L : number(record));
    }

    private static long number(StateRecord record) {
        return Math.max(0, StateNumber.of(record.value()));
    }

    /// Some of the topics in which something is stored of the user, by name.
    ///
    /// @param after names come strictly after this one; empty to begin at the front
    /// @param limit at least 1
    public CompletionStage<Page> topics(String user, String after, int limit) {
        // A space sorts before all characters of names, so the two records of a topic stand together.
        String last = after.isEmpty() ? "" : after + READ;
        return store.scan(partition(user), "", last, 2 * limit).thenApply(page -> {
            List<TopicName> topics = new ArrayList<>();
            for (StateRecord record : page.records()) {
                TopicName topic = topicOf(record);
                if (topics.isEmpty() || !topics.getLast().equals(topic)) {
                    topics.add(topic);
                }
            }
            boolean fits = topics.size() <= limit;
            return new Page(fits ? topics : topics.subList(0, limit), fits && page.isLast());
        });
    }

    /// Who has received something in the topic, but not the message at the offset: a page of the index.
    ///
    /// @param after ids come strictly after this one; empty to begin at the front
    /// @param limit how many are looked at, at least 1
    public CompletionStage<BehindPage> behind(TopicName topic, long offset, String after, int limit) {
        return store.scan("receipts/" + topic, "", after, limit).thenApply(page -> behind(page, offset));
    }

    private static BehindPage behind(StatePage page, long offset) {
        List<Behind> behind = new ArrayList<>();
        for (StateRecord record : page.records()) {
            long delivered = number(record);
            if (delivered < offset) {
                behind.add(new Behind(record.key(), delivered));
            }
        }
        return new BehindPage(behind, page.isLast() ? null : page.after());
    }

    /// Whether something is known of what the user has received in the topic.
    public CompletionStage<Boolean> isKnown(TopicName topic, String user) {
        return store.get("receipts/" + topic, user).thenApply(record -> record != null);
    }

    /// Does something with how far the user has come in each topic, by name, one after the other.
    CompletionStage<@Nullable Void> each(
            String user, BiFunction<TopicName, Progress, CompletionStage<@Nullable Void>> then) {
        return StateWalk.over(store, partition(user), record -> {
            TopicName topic = topicOf(record);
            boolean isFirst = record.key().endsWith(DELIVERED);
            // Where both are there, the first one says both.
            return find(user, topic)
                    .thenCompose(progress -> isFirst || progress.delivered() == 0
                            ? then.apply(topic, progress)
                            : CompletableFuture.<@Nullable Void>completedFuture(null));
        });
    }

    private static TopicName topicOf(StateRecord record) {
        return new TopicName(record.key().substring(0, record.key().length() - READ.length()));
    }

    /// Forgets how far the user has come, in all topics; answers when that is durable. An ack that comes
    /// meanwhile is stored anew.
    public CompletionStage<@Nullable Void> forget(String user) {
        return StateWalk.over(store, partition(user), record -> {
            return store.delete("receipts/" + topicOf(record), user, StateStore.ANY_VERSION)
                    .thenCompose(_ -> store.delete(partition(user), record.key(), StateStore.ANY_VERSION));
        });
    }

    /// Forgets how far all users have come in a room that is being deleted; answers when that is durable. An ack of a
    /// message that is there now is not stored anew.
    ///
    /// @param end the last offset
    /// @param untilMs epoch milliseconds until which that is so
    CompletionStage<@Nullable Void> forgetAllIn(TopicName room, long end, long untilMs) {
        return store.put(FORGOTTEN, room.value(), StateNumber.bytes(end), StateStore.ANY_VERSION, untilMs)
                .thenCompose(_ -> StateWalk.overPages(store, "receipts/" + room, entry -> forget(entry.key(), room)));
    }

    /// The index goes last: as long as it is there, a user is found by it.
    private CompletionStage<Boolean> forget(String user, TopicName room) {
        return store.delete(partition(user), room + DELIVERED, StateStore.ANY_VERSION)
                .thenCompose(_ -> store.delete(partition(user), room + READ, StateStore.ANY_VERSION))
                .thenCompose(_ -> store.delete("receipts/" + room, user, StateStore.ANY_VERSION));
    }

    private static String partition(String user) {
        return "cursors/" + user;
    }
}
