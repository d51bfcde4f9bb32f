package io.topicstream.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Draft;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicName;
import io.topicstream.people.Memberships;
import io.topicstream.protocol.Query;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.SteppedExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicsCommandTest {
    private static final int LARGE = 100 * 1024;
    private static final byte[] ID = {'1'};

    private final ManualClock clock = new ManualClock();
    private final SteppedExecutor executor = new SteppedExecutor(clock);
    private final InMemoryLog log =
            new InMemoryLog(clock, executor, new InMemoryLog.Settings(7, 1 << 20, 1 << 24, Duration.ofHours(24)));
    private final Memberships memberships =
            new Memberships(new InMemoryStateStore(clock, executor), log, log, clock, 10, 1_000);
    private final TopicsCommand command = new TopicsCommand(log, memberships);

    private void publishTo(Stream<String> names) {
        names.forEach(name -> log.append(
                new Append(
                        new TopicName(name),
                        List.of(new Draft(new byte[] {'1'}, null, null)),
                        null,
                        "",
                        Append.ANY_OFFSET,
                        Lane.DIRECT) {
                    @Override
                    public void onAnswered(AppendResult result) {}
                }));
        executor.runAll();
    }

    private static Identity reading(String... patterns) {
        List<Grant> grants = new ArrayList<>();
        grants.add(new Grant("*", EnumSet.of(Permission.PUBLISH)));
        for (String pattern : patterns) {
            grants.add(new Grant(pattern, EnumSet.of(Permission.READ)));
        }
        return new Identity("ann", null, Identity.Credential.API_KEY, null, grants, Identity.NEVER);
    }

    private Query.TopicList list(Identity who, String prefix, int limit, String after, int maxBytes) {
        var stage = command.run(new TestCaller(who), new Query.Topics(ID, prefix, limit, after), maxBytes)
                .toCompletableFuture();
        executor.runAll();
        return ((Result.Success<Query.TopicList>) stage.join()).value();
    }

    private static List<String> names(Query.TopicList listing) {
        return listing.topics().stream().map(topic -> topic.topic().value()).toList();
    }

    /// All pages, and that each but the last names where it goes on.
    private List<String> listAll(Identity who, String prefix, int limit, int maxBytes) {
        List<String> all = new ArrayList<>();
        @Nullable String after = "";
        while (after != null) {
            Query.TopicList page = list(who, prefix, limit, after, maxBytes);
            all.addAll(names(page));
            after = page.next();
            assertThat(after == null || !page.topics().isEmpty())
                    .as("a page that is not the last has something")
                    .isTrue();
        }
        return all;
    }

    @Test
    void whatTheCallerMayNotReadDoesNotShortenTheList() {
        publishTo(IntStream.range(0, 5_000).mapToObj(i -> "a" + i));
        publishTo(Stream.of("z1", "z2", "z3"));

        assertThat(names(list(reading("z*"), "", 10, "", LARGE))).containsExactly("z1", "z2", "z3");
        assertThat(list(reading("z*"), "", 2, "", LARGE).next()).isEqualTo("z2");
        assertThat(list(reading("z*"), "", 2, "z2", LARGE).next()).isNull();
        assertThat(names(list(reading("z*"), "", 100, "a7", LARGE))).containsExactly("z1", "z2", "z3");
        assertThat(list(reading(), "", 100, "", LARGE)).isEqualTo(new Query.TopicList(ID, List.of(), null));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "*            |    | a a.1 a.2 a.2.x b c",
                "a.*          |    | a.1 a.2 a.2.x",
                "a.2          |    | a.2",
                "a.2 a.2*     |    | a.2 a.2.x",
                "a.2* a.2     |    | a.2 a.2.x",
                "c a* b       |    | a a.1 a.2 a.2.x b c",
                "a.* * c      |    | a a.1 a.2 a.2.x b c",
                "a* a.2* a.2  | a. | a.1 a.2 a.2.x",
                "a.2* b*      | a  | a.2 a.2.x",
                "a.2          | a.2.x |",
                "a.2.x        | a.2 | a.2.x",
                "aa* d        |    |",
                "sys:* dm:*   |    |",
            })
    void itHasWhatTheGrantsReachAndThePrefixNamesOnceAndInOrder(
            String patterns, @Nullable String prefix, @Nullable String expected) {
        publishTo(Stream.of("a", "a.1", "a.2", "a.2.x", "b", "c", "dm:a~b", "dm:a~c", "sys:x"));
        String beginning = prefix == null ? "" : prefix;
        List<String> names = expected == null ? List.of() : List.of(expected.split(" "));

        for (int limit : new int[] {1, 2, 100}) {
            assertThat(listAll(reading(patterns.split(" +")), beginning, limit, LARGE))
                    .as("by " + limit)
                    .isEqualTo(names);
        }
    }

    @Test
    void reservedTopicsArePassedOverHoweverManyTheyAre() {
        publishTo(IntStream.range(0, 3_000).mapToObj(i -> "dm:" + i + "~b"));
        publishTo(Stream.of("a", "e"));

        assertThat(names(list(reading("*"), "", 10, "", LARGE))).containsExactly("a", "e");
    }

    @Test
    void ofChatsTheListHasTheCallersOwn() {
        publishTo(Stream.of("a", "dm:ann~cy", "dm:ann~x", "dm:bob~cy", "dm:ann~z", "dm:a~ann", "dm:", "e"));
        for (String chat : List.of("dm:ann~cy", "dm:ann~z", "dm:a~ann", "dm:ann~silent")) {
            memberships.add("ann", new TopicName(chat));
        }
        memberships.add("bob", new TopicName("dm:bob~cy"));
        executor.runAll();

        for (int limit : new int[] {1, 2, 100}) {
            assertThat(listAll(reading("*"), "", limit, LARGE))
                    .as("by " + limit)
                    .containsExactly("a", "dm:ann~cy", "dm:ann~z", "dm:a~ann", "e");
            assertThat(listAll(reading("dm:ann*", "e"), "", limit, LARGE))
                    .containsExactly("dm:ann~cy", "dm:ann~z", "e");
            assertThat(listAll(reading("dm:ann~cy", "dm:bob~cy", "dm:ann~silent"), "", limit, LARGE))
                    .containsExactly("dm:ann~cy");
            assertThat(listAll(reading("*"), "dm:ann~c", limit, LARGE)).containsExactly("dm:ann~cy");
        }
        assertThat(names(list(reading("*"), "", 10, "dm:ann~cy", LARGE))).containsExactly("dm:ann~z", "dm:a~ann", "e");
        assertThat(names(list(reading("*"), "", 10, "", 250))).containsExactly("a", "dm:ann~cy");
    }

    @Test
    void aPageEndsBeforeItIsTooLong() {
        List<String> names =
                IntStream.range(100, 600).mapToObj(i -> i + "x".repeat(197)).toList();
        publishTo(names.stream());

        Query.TopicList page = list(reading("*"), "", 1_000, "", LARGE);
        assertThat(page.topics()).hasSizeBetween(300, 400);
        assertThat(page.next()).isEqualTo(names(page).getLast());
        assertThat(listAll(reading("*"), "", 1_000, LARGE)).isEqualTo(names);
        assertThat(names(list(reading("*"), "", 1_000, "", 10))).containsExactly(names.getFirst());
    }
}
