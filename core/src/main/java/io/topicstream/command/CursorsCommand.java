package io.topicstream.command;

import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.people.Acks;
import io.topicstream.people.Memberships;
import io.topicstream.people.Progress;
import io.topicstream.people.Receipts;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.Query;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Says how far a user has come in topics, and how much is unread: in those that are named, or in all that are the
/// user's or in which something was acknowledged. Thread-safe.
final class CursorsCommand {
    /// Of how many topics is asked at once: a caller with a long list takes turns with the others.
    private static final int PORTION = 50;
    /// What a cursor counts for in a list beside its topic's name, in bytes: names of members and numbers.
    private static final int CURSOR_BYTES = 130;

    private final TopicLog log;
    private final Memberships memberships;
    private final Receipts receipts;
    private final Acks acks;

    CursorsCommand(TopicLog log, Memberships memberships, Receipts receipts, Acks acks) {
        this.log = log;
        this.memberships = memberships;
        this.receipts = receipts;
        this.acks = acks;
    }

    /// The caller's own.
    ///
    /// @param maxBytes about how long the list may become on the wire; it has at least one topic all the same, if
    ///     there is one
    CompletionStage<Result<Query.CursorList>> run(Caller caller, Query.Cursors asked, int maxBytes) {
        String user = caller.identity().user();
        return user == null
                ? Result.refused(new Refusal(ErrorCode.FORBIDDEN, "cursors belong to a user; say who you are", null))
                : list(caller.identity(), user, asked, maxBytes);
    }

    /// Those of a user, for that user and for who has the permission `admin` for every topic; in topics that the
    /// caller may read or listen to.
    CompletionStage<Result<Query.CursorList>> runFor(Caller caller, String user, Query.Cursors asked, int maxBytes) {
        Identity who = caller.identity();
        if (!Identity.isValidId(user)) {
            return Result.refused(new Refusal(ErrorCode.BAD_FRAME, "this is no user's id", null));
        }
        return user.equals(who.user()) || who.mayEverywhere(Permission.ADMIN)
                ? list(who, user, asked, maxBytes)
                : Result.refused(new Refusal(ErrorCode.FORBIDDEN, "these are another user's", null));
    }

    private CompletionStage<Result<Query.CursorList>> list(
            Identity who, String user, Query.Cursors asked, int maxBytes) {
        // Before the store is asked: what is stored meanwhile is in one of the two.
        Map<TopicName, Progress> pending = acks.pending(user);
        List<TopicName> named = asked.topics();
        if (named == null) {
            return Result.of(
                    topics(user, asked.startAfter(), asked.limit(), pending)
                            .thenCompose(found -> new Listing(who, user, pending, asked.id(), maxBytes).of(found)),
                    null);
        }
        for (TopicName topic : named) {
            if (!mayFollow(who, topic)) {
                return Result.refused(Refusal.forbidden("receive from", topic));
            }
        }
        List<TopicName> wanted = named.stream()
                .distinct()
                .filter(topic -> topic.value().compareTo(asked.startAfter()) > 0)
                .sorted()
                .toList();
        Topics first = wanted.size() <= asked.limit()
                ? new Topics(wanted, false)
                : new Topics(wanted.subList(0, asked.limit()), true);
        return Result.of(new Listing(who, user, pending, asked.id(), maxBytes).of(first), null);
    }

    private static boolean mayFollow(Identity who, TopicName topic) {
        return who.may(Permission.SUBSCRIBE, topic) || who.may(Permission.READ, topic);
    }

    /// Topics by name.
    ///
    /// @param hasMore whether others come behind them
    private record Topics(List<TopicName> names, boolean hasMore) {}

    /// The topics in which there is something of the user's.
    private CompletionStage<Topics> topics(String user, String after, int limit, Map<TopicName, Progress> pending) {
        return memberships
                .page(user, "", after, limit)
                .thenCombine(receipts.topics(user, after, limit), (own, acked) -> {
                    TreeSet<TopicName> all = new TreeSet<>(own.topics());
                    all.addAll(acked.topics());
                    pending.keySet().stream()
                            .filter(topic -> topic.value().compareTo(after) > 0)
                            .forEach(all::add);
                    // Behind the end of a page there may be names that are not known yet.
                    if (!own.isLast()) {
                        all.tailSet(own.topics().getLast(), false).clear();
                    }
                    if (!acked.isLast()) {
                        all.tailSet(acked.topics().getLast(), false).clear();
                    }
                    boolean hasMore = all.size() > limit || !own.isLast() || !acked.isLast();
                    return new Topics(all.stream().limit(limit).toList(), hasMore);
                });
    }

    /// One list in the making. Of one thread at a time.
    private final class Listing {
        private final Identity who;
        private final String user;
        private final Map<TopicName, Progress> pending;
        private final byte @Nullable [] id;
        private final int maxBytes;

        Listing(Identity who, String user, Map<TopicName, Progress> pending, byte @Nullable [] id, int maxBytes) {
            this.who = who;
            this.user = user;
            this.pending = pending;
            this.id = id;
            this.maxBytes = maxBytes;
        }

        CompletionStage<Query.CursorList> of(Topics topics) {
            List<TopicName> fitting = new ArrayList<>();
            String next = topics.hasMore() ? topics.names().getLast().value() : null;
            String last = "";
            int bytes = 0;
            for (TopicName topic : topics.names()) {
                if (mayFollow(who, topic)) {
                    bytes += CURSOR_BYTES + topic.value().length();
                    if (bytes > maxBytes && !fitting.isEmpty()) {
                        next = last;
                        break;
                    }
                    fitting.add(topic);
                }
                last = topic.value();
            }
            String goesOn = next;
            return onward(fitting, new ArrayList<>(fitting.size()))
                    .thenApply(cursors -> new Query.CursorList(id, cursors, goesOn));
        }

        private CompletionStage<List<Query.Cursor>> onward(List<TopicName> topics, List<Query.Cursor> found) {
            if (found.size() == topics.size()) {
                return CompletableFuture.completedFuture(found);
            }
            int end = Math.min(found.size() + PORTION, topics.size());
            List<CompletableFuture<Query.Cursor>> portion = topics.subList(found.size(), end).stream()
                    .map(topic -> cursor(topic).toCompletableFuture())
                    .toList();
            return CompletableFuture.allOf(portion.toArray(CompletableFuture[]::new))
                    .thenCompose(_ -> {
                        portion.forEach(cursor -> found.add(cursor.join()));
                        return onward(topics, found);
                    });
        }

        private CompletionStage<Query.Cursor> cursor(TopicName topic) {
            return receipts.find(user, topic).thenCombine(log.extent(topic), (stored, extent) -> {
                Progress now =
                        stored.max(pending.getOrDefault(topic, Progress.NONE)).within(extent.nextOffset() - 1);
                return new Query.Cursor(topic, now.delivered(), now.read(), extent.nextOffset());
            });
        }
    }
}
