package io.topicstream.testkit;

import io.topicstream.log.TopicName;
import io.topicstream.people.Presence;
import io.topicstream.protocol.Query;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// A presence that is set by hand: connections change nothing. Answers at once.
public final class FixedPresence implements Presence {
    private final Set<String> online = new HashSet<>();
    private final Map<TopicName, TreeSet<String>> members = new HashMap<>();

    /// The user is online from now on.
    public void comeOnline(String user) {
        online.add(user);
    }

    /// The user is in the topic from now on.
    public void enter(TopicName topic, String user) {
        members.computeIfAbsent(topic, _ -> new TreeSet<>()).add(user);
    }

    @Override
    public void opened(Present who) {}

    @Override
    public void closed(Present who) {}

    @Override
    public void enter(TopicName topic, Present who) {}

    @Override
    public void leave(TopicName topic, Present who) {}

    @Override
    public void renamed(Present who) {}

    @Override
    public CompletionStage<Members> members(TopicName topic, String after, int limit) {
        TreeSet<String> all = members.getOrDefault(topic, new TreeSet<>());
        List<Query.Member> page = all.tailSet(after, false).stream()
                .limit(limit)
                .map(user -> new Query.Member(user, null, 1, 0))
                .toList();
        String last = page.isEmpty() ? null : page.getLast().user();
        return CompletableFuture.completedFuture(
                new Members(page, all.size(), last == null || last.equals(all.last()) ? null : last));
    }

    @Override
    public CompletionStage<List<Query.OnlineUser>> online(List<String> users) {
        return CompletableFuture.completedFuture(users.stream()
                .map(user -> new Query.OnlineUser(user, online.contains(user), null))
                .toList());
    }

    @Override
    public CompletionStage<Crowd> crowd(TopicName topic) {
        int count = members.getOrDefault(topic, new TreeSet<>()).size();
        return CompletableFuture.completedFuture(new Crowd(topic, count, count));
    }

    @Override
    public CompletionStage<Crowds> crowds(String prefix, String after, int limit) {
        return CompletableFuture.completedFuture(new Crowds(List.of(), null));
    }
}
