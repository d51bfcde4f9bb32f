package io.topicstream.command;

import io.topicstream.access.Permission;
import io.topicstream.log.TopicName;
import io.topicstream.people.Presence;
import io.topicstream.people.PresencePolicies;
import io.topicstream.policy.PresencePolicy;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.Query;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Tells who is in a topic. Thread-safe.
public final class MembersCommand {
    /// The longest page.
    public static final int MAX_LIMIT = 1_000;
    /// What a member counts for beside its user and its name, in bytes: names of members and numbers.
    private static final int MEMBER_BYTES = 80;

    /// The longest place in a list of members: that of a user or a connection with a mark.
    private static final int MAX_PLACE_LENGTH = 256;

    private final Presence presence;
    private final PresencePolicies policies;

    MembersCommand(Presence presence, PresencePolicies policies) {
        this.presence = presence;
        this.policies = policies;
    }

    /// A page of the topic's members. Where the topic's policy tells only their number, the page is empty.
    ///
    /// @param maxBytes about how long the page may become on the wire; it has at least one member all the same, if
    ///     there is one
    CompletionStage<Result<Query.MemberList>> run(Caller caller, Query.Members query, int maxBytes) {
        TopicName topic = query.topic();
        if (!caller.identity().may(Permission.PRESENCE, topic)) {
            return Result.refused(Refusal.forbidden("see who is in", topic));
        }
        if (!isPlace(query.startAfter())) {
            return Result.refused(noPlace(topic));
        }
        PresencePolicy known = policies.known(topic);
        return known != null
                ? run(query, known, maxBytes)
                : Result.then(Result.of(policies.of(topic), topic), Result.Success::new)
                        .thenCompose(found -> switch (found) {
                            case Result.Success<PresencePolicy>(PresencePolicy policy) -> run(query, policy, maxBytes);
                            case Result.Refused<PresencePolicy>(Refusal refusal) -> Result.refused(refusal);
                        });
    }

    private CompletionStage<Result<Query.MemberList>> run(Query.Members query, PresencePolicy policy, int maxBytes) {
        TopicName topic = query.topic();
        return switch (policy) {
            case PresencePolicy.OFF ->
                Result.refused(new Refusal(ErrorCode.FORBIDDEN, "who is in this topic is not kept", topic));
            case PresencePolicy.COUNTS ->
                Result.of(
                        presence.crowd(topic)
                                .thenApply(crowd ->
                                        new Query.MemberList(query.id(), topic, List.of(), crowd.users(), null)),
                        topic);
            case PresencePolicy.ON_REQUEST, PresencePolicy.NAMES ->
                Result.of(
                        page(query, query.limit(), maxBytes)
                                .thenApply(page -> new Query.MemberList(
                                        query.id(), topic, page.members(), page.count(), page.next())),
                        topic);
        };
    }

    /// Whether the text can be the `next` of an answer, or is empty: it becomes part of the name of a record.
    static boolean isPlace(String text) {
        return text.length() <= MAX_PLACE_LENGTH && text.chars().allMatch(c -> c > ' ' && c < 0x7F);
    }

    static Refusal noPlace(TopicName topic) {
        return new Refusal(ErrorCode.BAD_FRAME, "start_after is the \"next\" of the page before", topic);
    }

    private CompletionStage<Presence.Members> page(Query.Members query, int limit, int maxBytes) {
        return presence.members(query.topic(), query.startAfter(), limit).thenCompose(page -> {
            int fitting = fitting(page.members(), maxBytes);
            // Where a page ends, only the one who made it knows.
            return fitting < page.members().size()
                    ? presence.members(query.topic(), query.startAfter(), fitting)
                    : CompletableFuture.completedFuture(page);
        });
    }

    private static int fitting(List<Query.Member> members, int maxBytes) {
        long bytes = 0;
        for (int i = 0; i < members.size(); i++) {
            bytes += MEMBER_BYTES
                    + bytes(members.get(i).user())
                    + bytes(members.get(i).name());
            if (bytes > maxBytes) {
                return Math.max(1, i);
            }
        }
        return members.size();
    }

    /// How long the text is in JSON, in which none of its characters becomes longer than two.
    private static int bytes(@Nullable String text) {
        return text == null ? 0 : text.getBytes(StandardCharsets.UTF_8).length + text.length();
    }
}
