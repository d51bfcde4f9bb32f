package io.topicstream.people;

import io.topicstream.log.Signals;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.signal.Signal;
import io.topicstream.signal.SystemTopics;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The topics that belong to a user: every connection of that user joins them. A membership, never a
/// position. Thread-safe.
///
/// ## Layout
///
/// | partition | key | value |
/// | --- | --- | --- |
/// | `subscriptions/` + user | topic | [Membership] |
///
/// A change is stored first; then a signal on `sys:user:` + user tells all nodes which topic to look
/// up again. The signal is a hint, the record is the truth.
public final class Memberships {
    private static final int PAGE = 500;

    private final StateStore store;
    private final TopicLog log;
    private final Signals signals;
    private final InstantSource clock;
    private final int maxPerUser;

    /// @param maxPerUser how many topics one user may have
    public Memberships(StateStore store, TopicLog log, Signals signals, InstantSource clock, int maxPerUser) {
        this.store = store;
        this.log = log;
        this.signals = signals;
        this.clock = clock;
        this.maxPerUser = maxPerUser;
    }

    /// The user's topics, by name.
    public CompletionStage<List<TopicName>> list(String user) {
        return page(user, "", new ArrayList<>());
    }

    private CompletionStage<List<TopicName>> page(String user, String after, List<TopicName> found) {
        return store.scan(partition(user), "", after, PAGE).thenCompose(page -> {
            for (StateRecord record : page.records()) {
                found.add(new TopicName(record.key()));
            }
            return page.isLast() ? CompletableFuture.completedFuture(found) : page(user, page.after(), found);
        });
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
        String partition = partition(user);
        return store.get(partition, topic.value()).thenCompose(record -> {
            if (record != null) {
                return CompletableFuture.completedFuture(true);
            }
            // Taken before it is stored, so that who joins from there misses nothing that is published
            // after the answer.
            return log.extent(topic)
                    .thenCompose(extent -> hasRoom(partition, "", maxPerUser).thenCompose(hasRoom -> {
                        if (!hasRoom) {
                            return CompletableFuture.completedFuture(false);
                        }
                        byte[] membership =
                                Membership.beginning(clock.millis(), extent).encode();
                        return store.put(partition, topic.value(), membership, StateStore.ANY_VERSION, StateStore.NEVER)
                                .thenApply(version -> {
                                    hint(user, topic);
                                    return true;
                                });
                    }));
        });
    }

    private CompletionStage<Boolean> hasRoom(String partition, String after, int left) {
        return store.scan(partition, "", after, left).thenCompose(page -> {
            int room = left - page.records().size();
            return room == 0 || page.isLast()
                    ? CompletableFuture.completedFuture(room > 0)
                    : hasRoom(partition, page.after(), room);
        });
    }

    /// Takes the topic from the user; answers when that is durable.
    public CompletionStage<Boolean> remove(String user, TopicName topic) {
        return store.delete(partition(user), topic.value(), StateStore.ANY_VERSION)
                .thenApply(deleted -> {
                    hint(user, topic);
                    return deleted;
                });
    }

    private void hint(String user, TopicName topic) {
        var _ = signals.signal(SystemTopics.ofUser(user), new Signal.MembershipChanged(topic).encode());
    }

    private static String partition(String user) {
        return "subscriptions/" + user;
    }
}
