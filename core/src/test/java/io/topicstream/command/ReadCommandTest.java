package io.topicstream.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Direction;
import io.topicstream.log.Draft;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.Lane;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.Query;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.SteppedExecutor;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Messages 1 to 10, a second apart: message n at n seconds; 5 and 6 in the same millisecond.
class ReadCommandTest {
    private static final TopicName TOPIC = new TopicName("t");
    private static final Identity ANYBODY = Identity.anonymous(null, null, Grant.DEFAULT);

    private final ManualClock clock = new ManualClock();
    private final SteppedExecutor executor = new SteppedExecutor(clock);
    private final InMemoryLog log =
            new InMemoryLog(clock, executor, new InMemoryLog.Settings(7, 1 << 20, 1 << 24, Duration.ofHours(24)));
    private final ReadCommand command = new ReadCommand(log);
    private final long start = clock.millis();

    @BeforeEach
    void publish() {
        for (int n = 1; n <= 10; n++) {
            clock.advance(Duration.ofSeconds(n == 6 ? 0 : n == 7 ? 2 : 1));
            log.append(
                    new Append(
                            TOPIC,
                            List.of(new Draft(new byte[] {'1'}, null, null)),
                            null,
                            "",
                            Append.ANY_OFFSET,
                            Lane.DIRECT) {
                        @Override
                        public void onAnswered(AppendResult result) {}
                    });
            executor.runAll();
        }
    }

    private long time(@Nullable Double seconds) {
        return seconds == null ? Query.NOT_GIVEN : start + Math.round(seconds * 1_000);
    }

    private static long offset(@Nullable Long given) {
        return given == null ? Query.NOT_GIVEN : given;
    }

    private String read(Query.Read asked) {
        var stage = command.run(new TestCaller(ANYBODY), asked, 1 << 20).toCompletableFuture();
        executor.runAll();
        Page page = ((Result.Success<Page>) stage.join()).value();
        assertThat(page.extent().nextOffset()).isEqualTo(11);
        return page.messages().stream()
                .map(Message::offset)
                .map(String::valueOf)
                .collect(Collectors.joining(" "));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', emptyValue = "", textBlock = """
            # after | before | since | until | limit | offsets
                    |        |       |       | 3     | 8 9 10
            2       |        |       |       | 3     | 3 4 5
                    | 5      |       |       | 2     | 3 4
                    |        | 3     |       | 3     | 3 4 5
                    |        | 2.001 |       | 2     | 3 4
                    |        | 5     |       | 3     | 5 6 7
                    |        | 6     |       | 2     | 7 8
                    |        | 0     |       | 2     | 1 2
                    |        | 10    |       | 5     | 10
                    |        | 10.001|       | 5     | ''
                    |        |       | 3     | 5     | 1 2
                    |        |       | 3.001 | 5     | 1 2 3
                    |        |       | 5.001 | 2     | 5 6
                    |        |       | 1     | 5     | ''
                    |        |       | 99    | 2     | 9 10
                    |        | 3     | 5     | 9     | 3 4
                    |        | 3     | 9     | 2     | 3 4
                    |        | 5     | 5.001 | 9     | 5 6
                    |        | 5     | 5     | 9     | ''
                    |        | 7     | 3     | 9     | ''
            4       |        | 3     | 9     | 2     | 5 6
            1       |        | 3     | 9     | 2     | 3 4
            4       |        |       | 7.001 | 9     | 5 6 7
            8       |        |       | 7.001 | 9     | ''
                    | 5      | 3     |       | 9     | 3 4
                    | 9      | 3     |       | 2     | 7 8
                    | 5      |       | 3     | 9     | 1 2
                    | 2      | 3     |       | 9     | ''
            0       |        |       |       | 0     | ''
                    | 1      |       |       | 5     | ''
                    | 0      |       |       | 5     | ''
            """)
    void aPageIsOfTheseOffsetsAndThisTime(
            @Nullable Long after,
            @Nullable Long before,
            @Nullable Double since,
            @Nullable Double until,
            int limit,
            String offsets) {
        Query.Read asked = new Query.Read(null, TOPIC, offset(after), offset(before), time(since), time(until), limit);

        assertThat(read(asked)).isEqualTo(offsets);
        assertThat(asked.direction())
                .isEqualTo(before == null && (after != null || since != null) ? Direction.FORWARD : Direction.BACKWARD);
    }

    @Test
    void whatWasCutMeanwhileIsNotInThePage() {
        var asked = command.run(
                        new TestCaller(ANYBODY),
                        new Query.Read(null, TOPIC, Query.NOT_GIVEN, Query.NOT_GIVEN, time(2.0), time(7.5), 9),
                        1 << 20)
                .toCompletableFuture();
        // Both times are looked up, and then it is cut.
        executor.step();
        executor.step();
        var trimmed = log.trim(TOPIC, 5);
        executor.runAll();

        assertThat(trimmed.toCompletableFuture()).isCompleted();
        assertThat(((Result.Success<Page>) asked.join()).value().messages())
                .extracting(Message::offset)
                .isSubsetOf(2L, 3L, 4L, 5L, 6L, 7L)
                .endsWith(7L);
    }

    @Test
    void whereATimeIsFoundIsToldToThoseWhoMayRead() {
        var found = command.find(new TestCaller(ANYBODY), TOPIC, time(6.5)).toCompletableFuture();
        var refused = command.find(new TestCaller(Identity.anonymous(null, null, List.of())), TOPIC, 1)
                .toCompletableFuture();
        executor.runAll();

        assertThat(found.join()).isEqualTo(new Result.Success<>(7L));
        assertThat(((Result.Refused<Long>) refused.join()).refusal().code()).isEqualTo(ErrorCode.FORBIDDEN);
    }
}
