package io.topicstream.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.log.About;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Details;
import io.topicstream.log.Draft;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.Folded;
import io.topicstream.protocol.Query;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.SteppedExecutor;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What a folded page counts and where it ends; the bounds, both sides.
class FoldCommandTest {
    private static final TopicName TOPIC = new TopicName("t");
    private static final Identity ANN =
            new Identity("ann", null, Identity.Credential.API_KEY, "k", Grant.DEFAULT, Identity.NEVER);

    private final ManualClock clock = new ManualClock();
    private final SteppedExecutor executor = new SteppedExecutor(clock);
    private final InMemoryLog log =
            new InMemoryLog(clock, executor, new InMemoryLog.Settings(7, 1 << 20, 1 << 24, Duration.ofHours(24)));
    private final FoldCommand command = new FoldCommand(new ReadCommand(log), log);
    private long lastOffset;

    private static Draft draft(String json, @Nullable About about) {
        Draft draft = new Draft(json.getBytes(StandardCharsets.UTF_8), null, null);
        return about == null ? draft : draft.about(about);
    }

    private long append(@Nullable String from, Draft... drafts) {
        log.append(new Append(TOPIC, List.of(drafts), from, "", Append.ANY_OFFSET, Lane.DIRECT) {
            @Override
            public void onAnswered(AppendResult result) {
                lastOffset = ((AppendResult.Appended) result).lastOffset();
            }
        });
        executor.runAll();
        return lastOffset;
    }

    private long say(String json) {
        return append("ann", draft(json, null));
    }

    private long react(String from, long offset, String value) {
        return append(from, draft("null", new About(offset, About.As.REACTION, value)));
    }

    private void reply(long offset, int times) {
        Draft one = draft("1", new About(offset, About.As.REPLY, null));
        for (int left = times; left > 0; left -= 500) {
            append(
                    "bob",
                    IntStream.range(0, Math.min(left, 500)).mapToObj(_ -> one).toArray(Draft[]::new));
        }
    }

    private Query.FoldedPage read(long after, long before, int limit, int maxBytes) {
        Query.Read asked = new Query.Read(null, TOPIC, after, before, Query.NOT_GIVEN, Query.NOT_GIVEN, limit, true);
        var stage = command.run(new TestCaller(ANN), asked, maxBytes).toCompletableFuture();
        executor.runAll();
        return ((Result.Success<Query.FoldedPage>) stage.join()).value();
    }

    private Query.FoldedPage after(long after, int limit) {
        return read(after, Query.NOT_GIVEN, limit, 1 << 20);
    }

    private static List<Long> offsets(Query.FoldedPage page) {
        return page.messages().stream().map(each -> each.message().offset()).toList();
    }

    private static String json(Folded folded) {
        return new String(folded.message().json(), StandardCharsets.UTF_8);
    }

    @Test
    void aValueNamesThoseWhoCameFirstAndCountsAll() {
        say("1");
        for (int i = 1; i <= Folded.MAX_USERS; i++) {
            react("u" + i, 1, "+");
        }
        assertThat(after(0, 1).messages().getFirst().reactions().getFirst().users())
                .hasSize(Folded.MAX_USERS);
        react("ann", 1, "+");

        Folded.Reaction reaction = after(0, 1).messages().getFirst().reactions().getFirst();

        assertThat(reaction.count()).isEqualTo(Folded.MAX_USERS + 1);
        assertThat(reaction.users())
                .hasSize(Folded.MAX_USERS)
                .startsWith("u1", "u2")
                .doesNotContain("ann");
        assertThat(reaction.mine()).as("though not named").isTrue();
    }

    @Test
    void aMessageTellsTheValuesThatCameFirst() {
        say("1");
        for (int i = 1; i <= Folded.MAX_REACTIONS + 1; i++) {
            for (int user = 1; user <= 5; user++) {
                react("u" + user, 1, "v" + i);
            }
        }

        List<Folded.Reaction> reactions = after(0, 1).messages().getFirst().reactions();

        assertThat(reactions).hasSize(Folded.MAX_REACTIONS);
        assertThat(reactions.getLast().value()).isEqualTo("v" + Folded.MAX_REACTIONS);
        assertThat(reactions).allMatch(reaction -> reaction.count() == 5);
        assertThat(reactions.stream()
                        .mapToInt(reaction -> reaction.users().size())
                        .sum())
                .isEqualTo(Folded.MAX_USERS_OF_ALL);
    }

    @Test
    void aValueThatAllTookBackIsGone() {
        say("1");
        react("ann", 1, "a");
        react("bob", 1, "b");
        append("ann", draft("null", new About(1, About.As.UNREACTION, "a")));
        append("ann", draft("null", new About(1, About.As.UNREACTION, "b")));
        append("ann", draft("null", new About(1, About.As.UNREACTION, "c")));

        assertThat(after(0, 1).messages().getFirst().reactions())
                .containsExactly(new Folded.Reaction("b", 1, List.of("bob"), false));
    }

    @Test
    void ofEachKindTheLastThousandCount() {
        say("1");
        append("ann", draft("\"edited\"", new About(1, About.As.EDIT, null)));
        reply(1, Folding.MOST_OF_A_GROUP);
        assertThat(after(0, 1).messages().getFirst().replies()).isEqualTo(new Folded.Replies(1_000, 1_002));
        reply(1, 1);

        Folded first = after(0, 1).messages().getFirst();

        assertThat(first.replies()).isEqualTo(new Folded.Replies(1_000, 1_003));
        assertThat(json(first)).as("whatever came after it").isEqualTo("\"edited\"");
        assertThat(first.edit()).isEqualTo(new Folded.Edit(2, clock.millis()));
    }

    @Test
    void aPageEndsBeforeAMessageForWhichTooMuchHadToBeRead() {
        for (int i = 1; i <= 3; i++) {
            say(String.valueOf(i));
        }
        reply(1, 1_000);
        reply(2, 1_000);
        assertThat(offsets(after(0, 3))).as("no more than may be").containsExactly(1L, 2L, 3L);
        reply(3, 1);

        Query.FoldedPage first = after(0, 3);
        Query.FoldedPage last = read(Query.NOT_GIVEN, 4, 3, 1 << 20);

        assertThat(offsets(first)).containsExactly(1L, 2L);
        assertThat(first.first()).isEqualTo(1);
        assertThat(first.last()).isEqualTo(2);
        assertThat(offsets(after(2, 1))).containsExactly(3L);
        assertThat(offsets(last)).containsExactly(2L, 3L);
        assertThat(last.first()).isEqualTo(2);
        assertThat(last.last()).isEqualTo(3);
    }

    @Test
    void aPageEndsWhereItsEditsWouldMakeItTooLong() {
        say("1");
        say("2");
        for (int i = 1; i <= 2; i++) {
            String large = "\"" + "x".repeat(600) + "\"";
            append("ann", draft(large, new About(i, About.As.EDIT, null)));
        }

        Query.FoldedPage page = read(0, Query.NOT_GIVEN, 2, 2_000);

        assertThat(offsets(page)).containsExactly(1L);
        assertThat(page.last()).isEqualTo(1);
        assertThat(offsets(read(0, Query.NOT_GIVEN, 2, 3_000))).containsExactly(1L, 2L);
        assertThat(offsets(read(0, Query.NOT_GIVEN, 2, 1))).as("never none").containsExactly(1L);
    }

    @Test
    void whatWasTakenAwayDoesNotCount() {
        say("1");
        Draft gone = new Draft(new byte[0], null, Details.REDACTED);
        append("ann", draft("\"kept\"", new About(1, About.As.EDIT, null)));
        append("ann", gone.about(new About(1, About.As.EDIT, null)));
        append("bob", gone.about(new About(1, About.As.REPLY, null)));
        append("bob", gone.about(new About(1, About.As.REACTION, "+")));
        long redacted = append("ann", gone);
        append("ann", draft("\"new\"", new About(redacted, About.As.EDIT, null)));

        List<Folded> messages = after(0, 10).messages();

        assertThat(json(messages.getFirst())).isEqualTo("\"kept\"");
        assertThat(messages.getFirst().reactions()).isEmpty();
        assertThat(messages.getFirst().replies()).isNull();
        assertThat(messages.getLast().message().offset()).isEqualTo(redacted);
        assertThat(json(messages.getLast())).as("and stays gone").isEqualTo("null");
        assertThat(messages.getLast().edit()).isNull();
    }

    @Test
    void whatIsAboutAnotherMessageThanTheIndexSaysIsNothing() {
        Fold fold = new Fold(new io.topicstream.log.Message(5, 1, "ann", null, new byte[] {'1'}, null));
        Draft other = draft("2", new About(4, About.As.EDIT, null));

        fold.add(new io.topicstream.log.Message(6, 1, "ann", null, other.payload(), other.details()));

        assertThat(fold.folded("ann").edit()).isNull();
    }

    @Test
    void aTrimWhileItIsReadTakesWhatIsGone() {
        say("1");
        say("2");
        reply(2, 3);
        Query.Read asked = new Query.Read(null, TOPIC, 0, Query.NOT_GIVEN, Query.NOT_GIVEN, Query.NOT_GIVEN, 9, true);
        var stage = command.run(new TestCaller(ANN), asked, 1 << 20).toCompletableFuture();
        // The page is read, and the index is asked.
        executor.step();
        executor.step();
        var trimmed = log.trim(TOPIC, 6);
        executor.runAll();

        assertThat(trimmed.toCompletableFuture().join().firstOffset()).isEqualTo(6);
        assertThat(stage.join()).isInstanceOf(Result.Success.class);
    }

    @Test
    void moreIsLookedAtThanIsShown() {
        List<Draft> drafts = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            drafts.add(draft("1", null));
            drafts.add(draft("null", new About(1, About.As.REACTION, "v" + i)));
            drafts.add(draft("null", new About(1, About.As.UNREACTION, "v" + i)));
            drafts.add(draft("null", new About(1, About.As.EDIT, null)));
        }
        append("ann", drafts.toArray(Draft[]::new));

        Query.FoldedPage page = after(0, 2);

        assertThat(offsets(page)).containsExactly(1L, 5L);
        assertThat(page.last()).as("up to what is shown next").isEqualTo(8);
        Query.FoldedPage none = after(0, 0);
        assertThat(none.messages()).isEmpty();
        assertThat(none.last()).isZero();
        assertThat(offsets(read(Query.NOT_GIVEN, Query.NOT_GIVEN, 2, 1 << 20))).containsExactly(25L, 29L);
    }

    @Test
    void whoMayNotReadIsRefused() {
        Query.Read asked = new Query.Read(
                null, new TopicName("sys:x"), 0, Query.NOT_GIVEN, Query.NOT_GIVEN, Query.NOT_GIVEN, 9, true);

        var refused = command.run(new TestCaller(ANN), asked, 1 << 20)
                .toCompletableFuture()
                .join();

        assertThat(((Result.Refused<Query.FoldedPage>) refused).refusal().code())
                .isEqualTo(ErrorCode.FORBIDDEN);
    }
}
