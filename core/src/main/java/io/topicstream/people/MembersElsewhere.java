package io.topicstream.people;

import io.topicstream.log.TopicName;
import io.topicstream.protocol.Query;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The members of a topic in which this node has none, read for one question. Used on one thread after the other.
///
/// How many they are is the sum of what the nodes say, so a user who is on two of them counts twice; but not where
/// all fit on one page.
final class MembersElsewhere {
    private static final int PAGE = 1_000;

    private final StateStore store;
    private final PresenceNodes nodes;
    private final TopicName topic;
    private final List<MemberOfNodes> found = new ArrayList<>();

    MembersElsewhere(StateStore store, PresenceNodes nodes, TopicName topic) {
        this.store = store;
        this.nodes = nodes;
        this.topic = topic;
    }

    CompletionStage<Presence.Members> page(String after, int limit) {
        return nodes.alive()
                .thenCompose(alive -> scan(alive, PresenceRecords.behind(after), limit)
                        .thenCompose(hasMore -> {
                            List<Query.Member> members = found.stream()
                                    .limit(limit)
                                    .map(MemberOfNodes::member)
                                    .toList();
                            String next = hasMore ? found.get(limit - 1).key() : null;
                            if (after.isEmpty() && next == null) {
                                return CompletableFuture.completedFuture(
                                        new Presence.Members(members, members.size(), null));
                            }
                            return crowd(alive).thenApply(crowd -> new Presence.Members(members, crowd.users(), next));
                        }));
    }

    /// Reads one more than so many.
    ///
    /// @return whether there are more
    private CompletionStage<Boolean> scan(Set<String> alive, String after, int limit) {
        return store.scan(PresenceRecords.entries(topic), "", after, PAGE).thenCompose(page -> {
            for (StateRecord record : page.records()) {
                if (alive.contains(PresenceRecords.node(record.key()))) {
                    take(PresenceRecords.front(record.key()), PresenceEntry.decode(record.value()));
                }
                if (found.size() > limit) {
                    return CompletableFuture.completedFuture(true);
                }
            }
            return page.isLast() ? CompletableFuture.completedFuture(false) : scan(alive, page.after(), limit);
        });
    }

    private void take(String member, @Nullable PresenceEntry entry) {
        if (entry == null) {
            return;
        }
        if (found.isEmpty() || !found.getLast().key().equals(member)) {
            found.add(new MemberOfNodes(member));
        }
        found.getLast().add(entry);
    }

    CompletionStage<Presence.Crowd> crowd() {
        return nodes.alive().thenCompose(this::crowd);
    }

    private CompletionStage<Presence.Crowd> crowd(Set<String> alive) {
        return store.scan(PresenceRecords.INDEX, PresenceRecords.prefix(topic.value()), "", PAGE)
                .thenApply((StatePage page) -> {
                    long users = 0;
                    long connections = 0;
                    for (StateRecord record : page.records()) {
                        PresenceRecords.Index index = PresenceRecords.Index.decode(record.value());
                        if (index != null && alive.contains(PresenceRecords.node(record.key()))) {
                            users += index.users();
                            connections += index.connections();
                        }
                    }
                    return new Presence.Crowd(topic, users, connections);
                });
    }
}
