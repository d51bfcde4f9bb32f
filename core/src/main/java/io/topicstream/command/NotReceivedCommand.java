package io.topicstream.command;

import io.topicstream.access.DirectTopic;
import io.topicstream.access.Permission;
import io.topicstream.log.TopicName;
import io.topicstream.people.Presence;
import io.topicstream.people.Receipts;
import io.topicstream.people.Receipts.Behind;
import io.topicstream.people.Receipts.BehindPage;
import io.topicstream.protocol.Query;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Says who has not received a message. Counted are all who have ever acknowledged something in the topic, and then
/// those of the others who are in it now; in a chat its two users. Who is away and has never acknowledged anything is
/// not known: the topics of a user are listed by user alone. Thread-safe.
final class NotReceivedCommand {
    /// What the place in a list begins with, where it is one among those who have acknowledged something.
    private static final String KNOWN = "u";
    /// The same among the others.
    private static final String PRESENT = "m";

    private final Receipts receipts;
    private final Presence presence;

    NotReceivedCommand(Receipts receipts, Presence presence) {
        this.receipts = receipts;
        this.presence = presence;
    }

    /// Lists them.
    ///
    /// @param offset of the message
    /// @param limit how many are looked at, at least 1: a page may have fewer and not be the last
    /// @param startAfter the `next` of the page before, or empty
    CompletionStage<Result<BehindPage>> run(Caller caller, TopicName topic, long offset, int limit, String startAfter) {
        if (!caller.identity().may(Permission.PRESENCE, topic)) {
            return Result.refused(Refusal.forbidden("see who is in", topic));
        }
        if (!MembersCommand.isPlace(startAfter)) {
            return Result.refused(MembersCommand.noPlace(topic));
        }
        CompletionStage<BehindPage> page;
        if (startAfter.startsWith(PRESENT)) {
            page = others(topic, startAfter.substring(PRESENT.length()), limit, List.of());
        } else if (startAfter.isEmpty() || (startAfter.length() > KNOWN.length() && startAfter.startsWith(KNOWN))) {
            String after = startAfter.isEmpty() ? "" : startAfter.substring(KNOWN.length());
            page = receipts.behind(topic, offset, after, limit).thenCompose(known -> goOn(topic, known, limit));
        } else {
            return Result.refused(MembersCommand.noPlace(topic));
        }
        return Result.of(page, topic);
    }

    private CompletionStage<BehindPage> goOn(TopicName topic, BehindPage known, int limit) {
        if (known.next() != null) {
            return CompletableFuture.completedFuture(new BehindPage(known.behind(), KNOWN + known.next()));
        }
        int left = limit - known.behind().size();
        return left == 0
                ? CompletableFuture.completedFuture(new BehindPage(known.behind(), PRESENT))
                : others(topic, "", left, known.behind());
    }

    /// Those who have acknowledged nothing.
    private CompletionStage<BehindPage> others(TopicName topic, String after, int limit, List<Behind> known) {
        DirectTopic chat = DirectTopic.orNull(topic);
        if (chat != null) {
            List<String> both =
                    Stream.of(chat.first(), chat.second()).distinct().toList();
            return unknown(topic, both, known, null);
        }
        return presence.members(topic, after, limit).thenCompose(members -> {
            List<String> users = new ArrayList<>();
            for (Query.Member member : members.members()) {
                if (member.user() != null) {
                    users.add(member.user());
                }
            }
            return unknown(topic, users, known, members.next() == null ? null : PRESENT + members.next());
        });
    }

    private CompletionStage<BehindPage> unknown(
            TopicName topic, List<String> users, List<Behind> known, @Nullable String next) {
        List<CompletableFuture<Boolean>> asked = users.stream()
                .map(user -> receipts.isKnown(topic, user).toCompletableFuture())
                .toList();
        return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new)).thenApply(_ -> {
            List<Behind> behind = new ArrayList<>(known);
            for (int i = 0; i < users.size(); i++) {
                if (!asked.get(i).join()) {
                    behind.add(new Behind(users.get(i), 0));
                }
            }
            return new BehindPage(behind, next);
        });
    }
}
