package io.topicstream.command;

import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicLog;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Lists the topics that the caller may read, by name. Thread-safe.
public final class TopicsCommand {
    /// The longest list.
    public static final int MAX_LIMIT = 1_000;
    /// How many pages of topics that the caller may not read are passed over in one call.
    private static final int MAX_PAGES = 20;

    private final TopicLog log;

    public TopicsCommand(TopicLog log) {
        this.log = log;
    }

    /// The topics whose names start with the prefix, after `startAfter`. A caller that may read few
    /// of many topics can get a short list before the end; the next page starts after the last name
    /// all the same. Completes on a thread of the engine, or with the engine's failure.
    public CompletionStage<List<TopicExtent>> run(Identity who, String prefix, int limit, String startAfter) {
        return collect(who, prefix, Math.clamp(limit, 1, MAX_LIMIT), startAfter, new ArrayList<>(), 0);
    }

    private CompletionStage<List<TopicExtent>> collect(
            Identity who, String prefix, int limit, String after, List<TopicExtent> found, int pages) {
        return log.topics(prefix, after, limit).thenCompose(page -> {
            for (TopicExtent topic : page) {
                if (found.size() < limit && who.may(Permission.READ, topic.topic())) {
                    found.add(topic);
                }
            }
            if (page.size() < limit || found.size() == limit || pages == MAX_PAGES) {
                return CompletableFuture.completedFuture(found);
            }
            return collect(who, prefix, limit, page.getLast().topic().value(), found, pages + 1);
        });
    }
}
