package io.topicstream.people;

import io.topicstream.log.TopicName;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The topics in which somebody is, over all nodes, read for one question. Owned by the thread of the presence.
///
/// It is read out of the nodes' index. A topic that this node knows counts as it knows it; of another the nodes'
/// numbers are added up.
final class CrowdsOfNodes {
    private static final int PAGE = 1_000;

    private final StateStore store;
    private final Executor thread;
    private final PresenceNodes nodes;
    private final Function<TopicName, Presence.@Nullable Crowd> here;
    private final String prefix;
    private final int limit;
    private final List<Presence.Crowd> found = new ArrayList<>();

    /// @param here how many are in a topic that this node knows
    CrowdsOfNodes(
            StateStore store,
            Executor thread,
            PresenceNodes nodes,
            Function<TopicName, Presence.@Nullable Crowd> here,
            String prefix,
            int limit) {
        this.store = store;
        this.thread = thread;
        this.nodes = nodes;
        this.here = here;
        this.prefix = prefix;
        this.limit = limit;
    }

    CompletionStage<Presence.Crowds> page(String after) {
        return nodes.alive()
                .thenComposeAsync(alive -> scan(alive, PresenceRecords.behind(after)), thread)
                .thenApply(hasMore -> {
                    List<Presence.Crowd> crowds = found.size() > limit ? found.subList(0, limit) : found;
                    return new Presence.Crowds(
                            crowds, hasMore ? crowds.getLast().topic().value() : null);
                });
    }

    private CompletionStage<Boolean> scan(Set<String> alive, String after) {
        return store.scan(PresenceRecords.INDEX, prefix, after, PAGE)
                .thenComposeAsync(
                        page -> {
                            for (StateRecord record : page.records()) {
                                if (alive.contains(PresenceRecords.node(record.key()))) {
                                    take(record);
                                }
                                if (found.size() > limit) {
                                    return CompletableFuture.completedFuture(true);
                                }
                            }
                            return page.isLast() ? CompletableFuture.completedFuture(false) : scan(alive, page.after());
                        },
                        thread);
    }

    private void take(StateRecord record) {
        TopicName topic = TopicName.orNull(PresenceRecords.front(record.key()));
        PresenceRecords.Index index = PresenceRecords.Index.decode(record.value());
        if (topic == null || index == null) {
            return;
        }
        Presence.Crowd before = found.isEmpty() ? null : found.getLast();
        Presence.Crowd own = here.apply(topic);
        if (before != null && before.topic().equals(topic)) {
            found.removeLast();
        } else {
            before = null;
        }
        if (own != null) {
            found.add(own);
        } else {
            found.add(new Presence.Crowd(
                    topic,
                    index.users() + (before == null ? 0 : before.users()),
                    index.connections() + (before == null ? 0 : before.connections())));
        }
    }
}
