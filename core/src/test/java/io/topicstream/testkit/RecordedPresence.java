package io.topicstream.testkit;

import io.topicstream.log.TopicName;
import io.topicstream.people.Presence;
import io.topicstream.protocol.Query;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// A presence that keeps what it is told, as short texts: `opened c1`, `c1 enters t`, `c1 leaves t`. Where it is asked
/// nobody is there, or who a test says. Of one thread.
public class RecordedPresence implements Presence {
    private final List<String> told = new ArrayList<>();
    private Members members = new Members(List.of(), 0, null);

    /// What it was told since this was asked last.
    public List<String> told() {
        List<String> all = List.copyOf(told);
        told.clear();
        return all;
    }

    /// From now on these are the members of every topic.
    public void has(Members all) {
        members = all;
    }

    @Override
    public void opened(Present who) {
        told.add("opened " + who.connectionId());
    }

    @Override
    public void closed(Present who) {
        told.add("closed " + who.connectionId());
    }

    @Override
    public void enter(TopicName topic, Present who) {
        told.add(who.connectionId() + " enters " + topic);
    }

    @Override
    public void leave(TopicName topic, Present who) {
        told.add(who.connectionId() + " leaves " + topic);
    }

    @Override
    public void renamed(Present who) {
        told.add(who.connectionId() + " is " + who.name());
    }

    @Override
    public CompletionStage<Members> members(TopicName topic, String after, int limit) {
        told.add("asked for " + limit + " in " + topic + " after " + after);
        return CompletableFuture.completedFuture(members);
    }

    @Override
    public CompletionStage<List<Query.OnlineUser>> online(List<String> users) {
        return CompletableFuture.completedFuture(users.stream()
                .map(user -> new Query.OnlineUser(user, false, null))
                .toList());
    }

    @Override
    public CompletionStage<Crowd> crowd(TopicName topic) {
        return CompletableFuture.completedFuture(new Crowd(topic, 0, 0));
    }

    @Override
    public CompletionStage<Crowds> crowds(String prefix, String after, int limit) {
        return CompletableFuture.completedFuture(new Crowds(List.of(), null));
    }
}
