package io.topicstream.people;

import io.topicstream.access.DirectTopic;
import io.topicstream.log.Extent;
import io.topicstream.log.Signals;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.signal.Signal;
import io.topicstream.signal.SystemTopics;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/// The topics that belong to a user: every connection of that user joins them. A membership, never a
/// position. Thread-safe.
///
/// ## Layout
///
/// | partition | key | value |
/// | --- | --- | --- |
/// | `subscriptions/` + user | topic | [Membership] |
/// | `subscribers/` + topic | user | one byte, 0 |
///
/// The second partition is an index, of rooms alone: by it a room that is deleted finds whose it is. It is
/// written first, and may stand there alone.
///
/// A change is stored first; then a signal on `sys:user:` + user tells all nodes which topic to look
/// up again. The signal is a hint, the record is the truth.
///
/// Of several that make the same topic the user's at once the first one counts: the place from which connections
/// join is never after a message that was published behind it.
///
/// Chats, the topics of two users ([DirectTopic]), stand among the others and have a limit of their own.
public final class Memberships {
    /// All of one user's, where nothing else is configured.
    private static final int PAGE = 2_000;
    /// Sorts behind the name of every chat, and before all other names that sort behind those.
    private static final String BEHIND_CHATS = "dm;";

    private final StateStore store;
    private final TopicLog log;
    private final Signals signals;
    private final InstantSource clock;
    private final int maxPerUser;
    private final int maxChatsPerUser;

    /// @param maxPerUser how many topics one user may have, chats not counted
    /// @param maxChatsPerUser how many chats one user may have
    public Memberships(
            StateStore store, TopicLog log, Signals signals, InstantSource clock, int maxPerUser, int maxChatsPerUser) {
        this.store = store;
        this.log = log;
        this.signals = signals;
        this.clock = clock;
        this.maxPerUser = maxPerUser;
        this.maxChatsPerUser = maxChatsPerUser;
    }

    /// Some of a user's topics, by name.
    ///
    /// @param isLast whether they are the last
    public record Page(List<TopicName> topics, boolean isLast) {
        private static Page of(StatePage page) {
            return new Page(
                    page.records().stream()
                            .map(record -> new TopicName(record.key()))
                            .toList(),
                    page.isLast());
        }
    }

    /// The user's topics, by name.
    public CompletionStage<List<TopicName>> list(String user) {
        return list(user, "", new ArrayList<>());
    }

    private CompletionStage<List<TopicName>> list(String user, String after, List<TopicName> found) {
        return page(user, "", after, PAGE).thenCompose(page -> {
            found.addAll(page.topics());
            return page.isLast()
                    ? CompletableFuture.completedFuture(found)
                    : list(user, page.topics().getLast().value(), found);
        });
    }

    /// Some of the user's topics, by name.
    ///
    /// @param prefix that the names start with; may be empty
    /// @param after names come strictly after this one; empty to begin at the front
    /// @param limit at least 1
    public CompletionStage<Page> page(String user, String prefix, String after, int limit) {
        return store.scan(partition(user), prefix, after, limit).thenApply(Page::of);
    }

    /// Since when the topic is the user's; null where it is not.
    public CompletionStage<@Nullable Membership> find(String user, TopicName topic) {
        return store.get(partition(user), topic.value())
                .thenApply(record -> record == null ? null : Membership.decode(record.value()));
    }

    /// Makes the topic the user's; answers when that is durable. Two at the same moment may pass the
    /// limit by one: nothing spans two records.
    ///
    /// @return false where the user has too many
    public CompletionStage<Boolean> add(String user, TopicName topic) {
        return find(user, topic)
                .thenCompose(found -> found != null
                        // An older version has noted nothing where it put one into a room.
                        ? index(user, topic).thenApply(_ -> true)
                        : addAll(List.of(user), topic).thenApply(full -> full == null));
    }

    /// Makes the topic of two users one of each; answers when that is durable. Where one of them has no room for it,
    /// neither has it because of this.
    ///
    /// @return the user who has too many chats, or null
    public CompletionStage<@Nullable String> addChat(DirectTopic chat) {
        TopicName topic = chat.name();
        CompletionStage<@Nullable Membership> first = find(chat.first(), topic);
        if (chat.first().equals(chat.second())) {
            return first.thenCompose(found -> addAll(found == null ? List.of(chat.first()) : List.of(), topic));
        }
        return first.thenCombine(find(chat.second(), topic), (ofFirst, ofSecond) -> {
                    List<String> missing = new ArrayList<>(2);
                    if (ofFirst == null) {
                        missing.add(chat.first());
                    }
                    if (ofSecond == null) {
                        missing.add(chat.second());
                    }
                    return missing;
                })
                .thenCompose(missing -> addAll(missing, topic));
    }

    /// @param users who do not have it
    /// @return the first of them who has too many, or null
    private CompletionStage<@Nullable String> addAll(List<String> users, TopicName topic) {
        if (users.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        // Taken before anything is stored, so that who joins from there misses nothing that is published after the
        // answer.
        CompletionStage<Extent> extent = log.extent(topic);
        CompletionStage<@Nullable String> full = CompletableFuture.completedFuture(null);
        for (String user : users) {
            full = full.thenCombine(hasRoom(user, topic), (other, hasRoom) -> other != null || hasRoom ? other : user);
        }
        return full.thenCombine(
                        extent,
                        (tooMany, now) -> tooMany != null
                                ? CompletableFuture.<@Nullable String>completedFuture(tooMany)
                                : put(users, topic, Membership.beginning(clock.millis(), now)))
                .thenCompose(stored -> stored);
    }

    private CompletionStage<@Nullable String> put(List<String> users, TopicName topic, Membership membership) {
        CompletionStage<@Nullable String> all = CompletableFuture.completedFuture(null);
        for (String user : users) {
            // Where another one was faster, its place is before this one.
            CompletionStage<Long> stored = index(user, topic)
                    .thenCompose(_ -> store.put(
                            partition(user), topic.value(), membership.encode(), StateStore.ABSENT, StateStore.NEVER))
                    .thenCompose(version -> index(user, topic).thenApply(_ -> version))
                    .thenApply(version -> {
                        hint(user, topic);
                        return version;
                    });
            all = all.thenCombine(stored, (none, _) -> none);
        }
        return all;
    }

    private CompletionStage<Boolean> hasRoom(String user, TopicName topic) {
        return isChat(topic.value())
                ? hasRoom(partition(user), DirectTopic.PREFIX, "", maxChatsPerUser)
                : hasRoom(partition(user), "", "", maxPerUser);
    }

    private CompletionStage<Boolean> hasRoom(String partition, String prefix, String after, int left) {
        return store.scan(partition, prefix, after, left).thenCompose(page -> {
            int room = left;
            for (StateRecord record : page.records()) {
                if (prefix.isEmpty() && isChat(record.key())) {
                    return hasRoom(partition, prefix, BEHIND_CHATS, room);
                }
                room--;
            }
            return room == 0 || page.isLast()
                    ? CompletableFuture.completedFuture(room > 0)
                    : hasRoom(partition, prefix, page.after(), room);
        });
    }

    private static boolean isChat(String name) {
        return name.startsWith(DirectTopic.PREFIX);
    }

    /// Where the topic is a room, notes that it is the user's, unless that is noted.
    private CompletionStage<Long> index(String user, TopicName topic) {
        return Rooms.isRoom(topic)
                ? store.put(subscribers(topic), user, new byte[1], StateStore.ABSENT, StateStore.NEVER)
                : CompletableFuture.completedFuture(0L);
    }

    /// Takes the topic from the user; answers when that is durable.
    public CompletionStage<Boolean> remove(String user, TopicName topic) {
        return delete(user, topic).thenApply(deleted -> {
            hint(user, topic);
            return deleted;
        });
    }

    private CompletionStage<Boolean> delete(String user, TopicName topic) {
        CompletionStage<Boolean> deleted = store.delete(partition(user), topic.value(), StateStore.ANY_VERSION);
        return Rooms.isRoom(topic)
                ? deleted.thenCompose(was -> store.delete(subscribers(topic), user, StateStore.ANY_VERSION)
                        .thenApply(_ -> was))
                : deleted;
    }

    /// Takes a room from all of its users; answers when that is durable. Nobody is told: who listens goes on.
    CompletionStage<@Nullable Void> forgetAllIn(TopicName room) {
        return StateWalk.overPages(store, subscribers(room), entry -> delete(entry.key(), room));
    }

    /// Does something with each of the user's topics, by name, one after the other.
    CompletionStage<@Nullable Void> each(
            String user, BiFunction<TopicName, Membership, CompletionStage<@Nullable Void>> then) {
        return StateWalk.over(
                store,
                partition(user),
                record -> then.apply(new TopicName(record.key()), Membership.decode(record.value())));
    }

    /// Takes all topics from the user; answers when that is durable.
    public CompletionStage<@Nullable Void> forget(String user) {
        return StateWalk.over(store, partition(user), record -> remove(user, new TopicName(record.key())));
    }

    private void hint(String user, TopicName topic) {
        var _ = signals.signal(SystemTopics.ofUser(user), new Signal.MembershipChanged(topic).encode());
    }

    private static String subscribers(TopicName room) {
        return "subscribers/" + room;
    }

    private static String partition(String user) {
        return "subscriptions/" + user;
    }
}
