package io.topicstream.command;

import io.topicstream.access.DirectTopic;
import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.people.Memberships;
import io.topicstream.protocol.Query;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Lists the topics that the caller may read, by name. Thread-safe.
///
/// It asks the log only for names that a grant of the caller reaches, so what he may not see costs
/// nothing, however much it is. There may be very many chats, of which hardly any is the caller's: those are looked up
/// among the topics that belong to him.
public final class TopicsCommand {
    /// The longest list.
    public static final int MAX_LIMIT = 1_000;
    /// How many the log is asked for at once: a caller with a long list takes turns with the others.
    private static final int PORTION = 250;
    /// What a topic counts for in a list beside its name, in bytes: names of members and numbers.
    private static final int TOPIC_BYTES = 100;
    /// The character after the `:` that ends a namespace.
    private static final String AFTER_NAMESPACE = ";";

    private final TopicLog log;
    private final Memberships memberships;

    TopicsCommand(TopicLog log, Memberships memberships) {
        this.log = log;
        this.memberships = memberships;
    }

    /// The topics whose names start with the prefix, after `startAfter`.
    ///
    /// @param maxBytes about how long the list may become on the wire; it has at least one topic all the
    ///     same, if there is one
    CompletionStage<Result<Query.TopicList>> run(Caller caller, Query.Topics query, int maxBytes) {
        return Result.of(new Walk(caller.identity(), query, maxBytes).onward(), null);
    }

    /// Names that a grant reaches.
    ///
    /// @param beginning what they begin with
    /// @param alone whether it is the only one
    private record Reach(String beginning, boolean alone) {
        static Reach of(Grant grant) {
            String pattern = grant.pattern();
            boolean alone = !pattern.endsWith("*");
            return new Reach(alone ? pattern : pattern.substring(0, pattern.length() - 1), alone);
        }

        /// Those of them that begin with the prefix; null if none does.
        @Nullable
        Reach within(String prefix) {
            if (beginning.startsWith(prefix)) {
                return this;
            }
            return !alone && prefix.startsWith(beginning) ? new Reach(prefix, false) : null;
        }

        /// Whether none of them comes after the name.
        boolean isBefore(String name) {
            return name.compareTo(beginning) >= 0 && (alone || !name.startsWith(beginning));
        }

        boolean covers(Reach other) {
            return !alone && other.beginning.startsWith(beginning);
        }
    }

    /// One list in the making. Of one thread at a time.
    private final class Walk {
        private final Identity who;
        private final byte @Nullable [] id;
        private final int limit;
        private final int maxBytes;
        private final List<Reach> reaches;
        private final List<TopicExtent> found = new ArrayList<>();
        private int reach;
        private String after;
        private int bytes;

        Walk(Identity who, Query.Topics query, int maxBytes) {
            this.who = who;
            this.id = query.id();
            this.limit = Math.clamp(query.limit(), 1, MAX_LIMIT);
            this.maxBytes = maxBytes;
            this.after = query.startAfter();
            this.reaches = reaches(who, query.prefix());
        }

        private static List<Reach> reaches(Identity who, String prefix) {
            List<Reach> sorted = new ArrayList<>();
            for (Grant grant : who.grants()) {
                Reach reach = grant.permissions().contains(Permission.READ)
                        ? Reach.of(grant).within(prefix)
                        : null;
                if (reach != null) {
                    sorted.add(reach);
                }
            }
            // Of one beginning, the one that reaches further comes first.
            sorted.sort(Comparator.comparing(Reach::beginning).thenComparing(Reach::alone));
            List<Reach> reaches = new ArrayList<>();
            for (Reach next : sorted) {
                Reach last = reaches.isEmpty() ? null : reaches.getLast();
                if (last == null || !(last.covers(next) || last.equals(next))) {
                    reaches.add(next);
                }
            }
            return reaches;
        }

        CompletionStage<Query.TopicList> onward() {
            while (reach < reaches.size() && reaches.get(reach).isBefore(after)) {
                reach++;
            }
            if (reach == reaches.size()) {
                return found(null);
            }
            Reach within = reaches.get(reach);
            int wanted = within.alone() ? 1 : Math.min(PORTION, limit - found.size());
            return log.topics(within.beginning(), after, wanted).thenCompose(page -> take(within, page, wanted));
        }

        private CompletionStage<Query.TopicList> take(Reach within, List<TopicExtent> page, int wanted) {
            for (TopicExtent topic : page) {
                if (topic.topic().isReserved()) {
                    String user = who.user();
                    if (user != null && topic.topic().value().startsWith(DirectTopic.PREFIX)) {
                        return chats(user, within);
                    }
                    after = topic.topic().namespace() + AFTER_NAMESPACE;
                    return onward();
                }
                if (isFullWith(topic)) {
                    return found(after);
                }
            }
            if (within.alone() || page.size() < wanted) {
                reach++;
            }
            return onward();
        }

        /// Takes the topic into the list, if the caller may see it.
        ///
        /// @return whether the list ends behind `after`
        private boolean isFullWith(TopicExtent topic) {
            String name = topic.topic().value();
            if (who.may(Permission.READ, topic.topic())) {
                int size = TOPIC_BYTES + name.length();
                if (!found.isEmpty() && bytes + size > maxBytes) {
                    return true;
                }
                bytes += size;
                found.add(topic);
            }
            after = name;
            return found.size() == limit;
        }

        /// Goes on with the user's own chats.
        private CompletionStage<Query.TopicList> chats(String user, Reach within) {
            String prefix = within.beginning().startsWith(DirectTopic.PREFIX) ? within.beginning() : DirectTopic.PREFIX;
            return memberships
                    .page(user, prefix, after, Math.min(PORTION, limit - found.size()))
                    .thenCompose(page -> extents(page.topics()).thenCompose(chats -> {
                        for (TopicExtent chat : chats) {
                            boolean isMeant =
                                    !within.alone() || chat.topic().value().equals(within.beginning());
                            // One is a topic of both before its first message is in the log.
                            boolean isWritten = chat.extent().nextOffset() > 1;
                            if (isMeant && isWritten && isFullWith(chat)) {
                                return found(after);
                            }
                            after = chat.topic().value();
                        }
                        if (!page.isLast()) {
                            return chats(user, within);
                        }
                        after = DirectTopic.NAMESPACE + AFTER_NAMESPACE;
                        return onward();
                    }));
        }

        private CompletionStage<List<TopicExtent>> extents(List<TopicName> topics) {
            List<CompletableFuture<TopicExtent>> asked = topics.stream()
                    .map(topic -> log.extent(topic)
                            .thenApply(extent -> new TopicExtent(topic, extent))
                            .toCompletableFuture())
                    .toList();
            return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
                    .thenApply(_ -> asked.stream().map(CompletableFuture::join).toList());
        }

        private CompletionStage<Query.TopicList> found(@Nullable String next) {
            return CompletableFuture.completedFuture(new Query.TopicList(id, found, next));
        }
    }
}
