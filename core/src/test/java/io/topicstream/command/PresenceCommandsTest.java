package io.topicstream.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.log.TopicName;
import io.topicstream.log.TopicPattern;
import io.topicstream.people.Attendances;
import io.topicstream.people.Presence;
import io.topicstream.policy.PresencePolicy;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.policy.TopicPolicy;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.Query;
import io.topicstream.testkit.RecordedPresence;
import io.topicstream.testkit.TestPeople;
import io.topicstream.topic.Attendance;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PresenceCommandsTest {
    private static final byte[] ID = {'1'};
    private static final TopicPolicies POLICIES = new TopicPolicies(
            TopicPolicy.DEFAULT,
            Stream.of(PresencePolicy.values())
                    .map(policy -> new TopicPolicies.Rule(
                            new TopicPattern(policy.wireName()), TopicPolicy.DEFAULT.with(policy)))
                    .toList());

    private static Identity who(Grant... grants) {
        return new Identity("ann", null, Identity.Credential.API_KEY, "k", List.of(grants), Identity.NEVER);
    }

    private static final Identity ANN = who(Grant.DEFAULT.getFirst());
    private static final Identity WITHOUT = who(new Grant("*", EnumSet.of(Permission.SUBSCRIBE)));

    private static Query.Members members(String topic) {
        return new Query.Members(ID, new TopicName(topic), 1_000, "");
    }

    private static <T> Result<T> now(CompletionStage<Result<T>> stage) {
        return stage.toCompletableFuture().resultNow();
    }

    private static <T> T value(Result<T> result) {
        return switch (result) {
            case Result.Success<T>(T value) -> value;
            case Result.Refused<T>(Refusal refusal) -> throw new AssertionError(refusal);
        };
    }

    private static <T> Refusal refusal(Result<T> result) {
        return switch (result) {
            case Result.Success<T>(T value) -> throw new AssertionError("it ran: " + value);
            case Result.Refused<T>(Refusal refusal) -> refusal;
        };
    }

    @ParameterizedTest
    @CsvSource({
        "off, , NONE, NONE",
        "off, false, NONE, NONE",
        "on_request, , NONE, NONE",
        "on_request, true, HEARING, SEEN",
        "on_request, false, NONE, NONE",
        "counts, , HEARING, SEEN",
        "counts, true, HEARING, SEEN",
        "counts, false, NONE, NONE",
        "names, , HEARING, SEEN",
        "names, true, HEARING, SEEN",
        "names, false, NONE, NONE"
    })
    void whoSubscribesIsSeenAsThePolicySaysAndAsItIsAskedFor(
            String policy, @Nullable Boolean wants, Attendance attendance, Attendance withoutPermission) {
        TopicName topic = new TopicName(policy);

        PresencePolicy held = POLICIES.of(topic).presence();
        assertThat(Attendances.of(held, ANN, topic, wants)).isEqualTo(attendance);
        assertThat(Attendances.of(held, WITHOUT, topic, wants)).isEqualTo(withoutPermission);
    }

    @ParameterizedTest
    @CsvSource({"off, true", "on_request, false", "counts, false", "names, false"})
    void membersAreToldWhereTheyAreKept(String topic, boolean isRefused) {
        MembersCommand command = new MembersCommand(new RecordedPresence(), TestPeople.policies(POLICIES));

        Result<Query.MemberList> result = now(command.run(new TestCaller(ANN), members(topic), 10_000));

        assertThat(result instanceof Result.Refused<?>).isEqualTo(isRefused);
        assertThat(refusal(now(command.run(new TestCaller(WITHOUT), members(topic), 10_000)))
                        .code())
                .isEqualTo(ErrorCode.FORBIDDEN);
    }

    @Test
    void onlineIsForThoseWhoMaySeeAllTopics() {
        OnlineCommand command = new OnlineCommand(new RecordedPresence());
        Query.Online question = new Query.Online(ID, List.of("bob"));

        assertThat(value(now(command.run(new TestCaller(ANN), question))).users())
                .containsExactly(new Query.OnlineUser("bob", false, null));
        for (Identity other : List.of(WITHOUT, who(new Grant("room:*", EnumSet.of(Permission.PRESENCE))))) {
            assertThat(refusal(now(command.run(new TestCaller(other), question)))
                            .reason())
                    .contains("the permission presence on every topic");
        }
    }

    @Test
    void aPageHasAsManyMembersAsFitIntoTheAnswer() {
        List<Query.Member> all = IntStream.range(0, 1_000)
                .mapToObj(i -> new Query.Member("user%03d".formatted(i), "n".repeat(60), 1, 7))
                .toList();
        Presence presence = new MembersOf(all);

        Result<Query.MemberList> result = now(new MembersCommand(presence, TestPeople.policies(POLICIES))
                .run(new TestCaller(ANN), members("names"), 10_000));

        Query.MemberList list = value(result);
        assertThat(list.members())
                .hasSizeBetween(40, 100)
                .isEqualTo(all.subList(0, list.members().size()));
        assertThat(list.next()).isEqualTo(list.members().getLast().user());
        assertThat(list.count()).isEqualTo(1_000);
        Query.MemberList one = value(now(new MembersCommand(presence, TestPeople.policies(POLICIES))
                .run(new TestCaller(ANN), members("names"), 1)));
        assertThat(one.members()).hasSize(1);
    }

    /// Members of every topic.
    private static final class MembersOf extends RecordedPresence {
        private final List<Query.Member> all;

        MembersOf(List<Query.Member> all) {
            this.all = all;
        }

        @Override
        public CompletionStage<Members> members(TopicName topic, String after, int limit) {
            List<Query.Member> page = all.subList(0, Math.min(limit, all.size()));
            return CompletableFuture.completedFuture(new Members(
                    page, all.size(), page.size() < all.size() ? page.getLast().user() : null));
        }
    }
}
