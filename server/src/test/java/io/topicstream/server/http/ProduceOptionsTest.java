package io.topicstream.server.http;

import static io.topicstream.server.http.StreamContractTest.field;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.Grant;
import io.topicstream.command.Quota;
import io.topicstream.log.Admission;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Direction;
import io.topicstream.log.Durability;
import io.topicstream.log.Extent;
import io.topicstream.log.HandOver;
import io.topicstream.log.LogFigures;
import io.topicstream.log.LogUnavailableException;
import io.topicstream.log.Page;
import io.topicstream.log.Redaction;
import io.topicstream.log.Reference;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a produce can ask for beyond the older contract, and what the log can answer.
class ProduceOptionsTest {
    private final HttpServer server = HttpServer.open();

    @AfterEach
    void stop() {
        assertThat(server.get("/health").statusCode()).isEqualTo(200);
        server.close();
    }

    @Test
    void aRepeatedKeyStoresNothingAndGetsTheFirstAnswer() {
        HttpResponse<String> first = server.produce("t", "{\"payload\":1}", "Idempotency-Key", "k 1");
        server.produce("t", "{\"payload\":2}");
        HttpResponse<String> again = server.produce("t", "{\"payload\":1}", "Idempotency-Key", "k 1");

        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(again.body()).isEqualTo(first.body()).isEqualTo("{\"topic\":\"t\",\"offset\":1}");
        assertThat(field(again, "Topic-Next-Offset")).isEqualTo("3");
    }

    @Test
    void whoHasUsedUpItsQuotaIsToldToWaitAndNothingIsRun() {
        List<String> stages = new CopyOnWriteArrayList<>();
        server.quota = (caller, _) -> {
            stages.add(caller.stage());
            return false;
        };

        for (HttpResponse<String> refused : List.of(
                server.produce("t", "{\"payload\":1}"),
                server.get("/topics/t/consume"),
                server.get("/topics"),
                server.get("/chat/last-messages"))) {
            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(field(refused, "Topic-Error")).isEqualTo("rate_limited");
            assertThat(field(refused, "Retry-After")).isEqualTo("1");
        }
        assertThat(stages).containsExactly("http", "http", "http", "http");

        server.quota = Quota.UNLIMITED;
        assertThat(server.produce("t", "{\"payload\":1}").body()).isEqualTo("{\"topic\":\"t\",\"offset\":1}");
    }

    @Test
    void aKeyWithAnotherPayloadIsAConflict() {
        server.produce("t", "{\"payload\":1}", "Idempotency-Key", "k");
        HttpResponse<String> other = server.produce("t", "{\"payload\":2}", "Idempotency-Key", "k");

        assertThat(other.statusCode()).isEqualTo(409);
        assertThat(other.body())
                .isEqualTo("{\"error\":\"this message_id was used for another message\",\"code\":\"id_conflict\"}");
        assertThat(field(other, "Topic-Error")).isEqualTo("id_conflict");
        assertThat(server.produce("t", "{\"payload\":3}").body()).contains("\"offset\":2");
    }

    @Test
    void keysOfTwoUsersDoNotMeet() {
        String one =
                server.keys.create("one", null).toCompletableFuture().join().secret();
        String two =
                server.keys.create("two", null).toCompletableFuture().join().secret();

        server.produce("t", "{\"payload\":1}", "Idempotency-Key", "k");
        server.produce("t", "{\"payload\":1}", "Idempotency-Key", "k", "x-api-key", one);
        HttpResponse<String> third = server.produce("t", "{\"payload\":1}", "Idempotency-Key", "k", "x-api-key", two);

        assertThat(third.body()).isEqualTo("{\"topic\":\"t\",\"offset\":3}");
    }

    @Test
    void aKeyThatIsNoneIsRefused() {
        HttpResponse<String> empty = server.produce("t", "{\"payload\":1}", "Idempotency-Key", "");
        HttpResponse<String> twice =
                server.produce("t", "{\"payload\":1}", "Idempotency-Key", "a", "Idempotency-Key", "b");
        HttpResponse<String> tooLong = server.produce("t", "{\"payload\":1}", "Idempotency-Key", "k".repeat(129));
        HttpResponse<String> longest = server.produce("t", "{\"payload\":1}", "Idempotency-Key", "k".repeat(128));

        assertThat(List.of(empty.statusCode(), twice.statusCode(), tooLong.statusCode()))
                .containsExactly(400, 400, 413);
        assertThat(field(tooLong, "Topic-Error")).isEqualTo("too_large");
        assertThat(longest.body()).isEqualTo("{\"topic\":\"t\",\"offset\":1}");
    }

    @Test
    void anExpectedOffsetHoldsOrNothingIsStored() {
        assertThat(produceExpecting("1").body()).isEqualTo("{\"topic\":\"t\",\"offset\":1}");

        HttpResponse<String> late = produceExpecting("1");

        assertThat(late.statusCode()).isEqualTo(412);
        assertThat(late.body())
                .isEqualTo("{\"error\":\"the next offset is 2\",\"code\":\"conflict\",\"next_offset\":2}");
        assertThat(field(late, "Topic-Next-Offset")).isEqualTo("2");
        assertThat(field(late, "Topic-First-Offset")).isEqualTo("1");
        assertThat(field(late, "Topic-Epoch")).isEqualTo("7");
        assertThat(field(late, "Topic-Durability")).isEqualTo("memory");
        assertThat(produceExpecting("2").body()).isEqualTo("{\"topic\":\"t\",\"offset\":2}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "x", "", "1.5", "9223372036854775808"})
    void anExpectedOffsetThatIsNoneIsRefused(String offset) {
        HttpResponse<String> refused = produceExpecting(offset);

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(field(refused, "Topic-Error")).isEqualTo("bad_frame");
    }

    @Test
    void aPayloadIsAtMost120KiB() {
        String most = "\"" + "x".repeat(120 * 1024 - 2) + "\"";
        String more = "\"" + "x".repeat(120 * 1024 - 1) + "\"";

        HttpResponse<String> refused = server.produce("t", "{\"payload\":" + more + "}");

        assertThat(refused.statusCode()).isEqualTo(413);
        assertThat(field(refused, "Topic-Error")).isEqualTo("too_large");
        assertThat(server.produce("t", "{\"payload\":" + most + "}").body()).contains("\"offset\":1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".hidden",
                "a%20b",
                "a%00b",
                "a%5Cb",
                "%2e%2e%2f",
                "%E2%80%AE",
                "%EF%BB%BF",
                "*",
                "%23",
                ">",
                "$sys",
                "a%0D%0Ab",
                "%252e"
            })
    void aTopicThatIsNoneIsRefused(String topic) {
        for (HttpResponse<String> answer : List.of(
                server.send("GET", "/topics/" + topic.replace(">", "%3E") + "/consume", null),
                server.produce(topic.replace(">", "%3E"), "{\"payload\":1}"))) {
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.body()).startsWith("{\"error\":\"").endsWith("\"}");
        }
    }

    @Test
    void aTopicOf200CharactersIsTheLongest() {
        assertThat(server.produce("t".repeat(200), "{\"payload\":1}").statusCode())
                .isEqualTo(200);
        HttpResponse<String> refused = server.produce("t".repeat(201), "{\"payload\":1}");
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(field(refused, "Topic-Error")).isEqualTo("bad_topic");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sys:node", "dm:a~b"})
    void reservedTopicsAreForbidden(String topic) {
        assertThat(server.produce(topic, "{\"payload\":1}").statusCode()).isEqualTo(403);
        HttpResponse<String> read = server.get("/topics/" + topic + "/consume");
        assertThat(read.statusCode()).isEqualTo(403);
        assertThat(read.body()).isEqualTo("{\"error\":\"not allowed to read this topic\",\"code\":\"forbidden\"}");
    }

    @Test
    void topicsAreListedByNameInPages() {
        for (String topic : List.of("b.2", "a", "b.1", "b.3")) {
            server.produce(topic, "{\"payload\":1}");
        }

        assertThat(server.get("/topics?prefix=b.&limit=2").body())
                .isEqualTo("{\"topics\":[{\"topic\":\"b.1\",\"epoch\":7,\"first_offset\":1,\"next_offset\":2},"
                        + "{\"topic\":\"b.2\",\"epoch\":7,\"first_offset\":1,\"next_offset\":2}],\"next\":\"b.2\"}");
        assertThat(server.get("/topics?prefix=b.&start_after=b.2").body())
                .isEqualTo("{\"topics\":[{\"topic\":\"b.3\",\"epoch\":7,\"first_offset\":1,\"next_offset\":2}]}");
        assertThat(server.get("/topics?prefix=none").body()).isEqualTo("{\"topics\":[]}");
        assertThat(server.get("/v1/topics/").body()).contains("\"a\"", "\"b.3\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"?limit=0", "?limit=-1", "?limit=1001", "?limit=x", "?prefix=%20", "?start_after=a/b"})
    void aListThatCannotBeIsRefused(String query) {
        assertThat(server.get("/topics" + query).statusCode()).isEqualTo(400);
    }

    // ---- a log that does not do what was asked

    @Test
    void aFullLogIsOverloaded() {
        try (HttpServer full = over(log -> new Failing(log, Admission.REFUSED, null))) {
            HttpResponse<String> refused = full.produce("t", "{\"payload\":1}");

            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(field(refused, "Topic-Error")).isEqualTo("overloaded");
            assertThat(field(refused, "Retry-After")).isEqualTo("1");
            assertThat(full.get("/topics/t/consume").statusCode()).isEqualTo(503);
            assertThat(full.get("/topics").statusCode()).isEqualTo(503);
            assertThat(full.errors.of(io.topicstream.protocol.ErrorCode.OVERLOADED))
                    .isEqualTo(1);
            assertThat(full.errors.of(io.topicstream.protocol.ErrorCode.UNAVAILABLE))
                    .isEqualTo(2);
        }
    }

    @Test
    void aLogThatCannotMakeItDurableIsUnavailable() {
        try (HttpServer failing = over(log ->
                new Failing(log, Admission.ACCEPTED, new AppendResult.Unavailable("the disk does not answer")))) {
            HttpResponse<String> refused = failing.produce("t", "{\"payload\":1}");

            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.body()).isEqualTo("{\"error\":\"the disk does not answer\",\"code\":\"unavailable\"}");
            assertThat(field(refused, "Retry-After")).isEqualTo("1");
        }
    }

    @Test
    void aStoredMessageIsAcknowledgedEvenIfTheTopicCannotBeDescribed() {
        try (HttpServer failing = over(
                log -> new Failing(log, Admission.ACCEPTED_SLOW_DOWN, new AppendResult.Appended(3, 9, 9, 1, false)))) {
            HttpResponse<String> stored = failing.produce("t", "{\"payload\":1}");

            assertThat(stored.body()).isEqualTo("{\"topic\":\"t\",\"offset\":9}");
            assertThat(field(stored, "Topic-Epoch")).isEqualTo("3");
            assertThat(field(stored, "Topic-Next-Offset")).isEqualTo("10");
        }
    }

    private static HttpServer over(java.util.function.UnaryOperator<TopicLog> wrapped) {
        return new HttpServer(true, Grant.DEFAULT, List.of(), wrapped);
    }

    private HttpResponse<String> produceExpecting(String offset) {
        return server.send(
                "POST",
                "/topics/t/produce?expected_offset=" + offset,
                "{\"payload\":1}".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                "Content-Type",
                "application/json");
    }

    /// An engine in trouble: appends end in one way, and nothing can be read.
    private record Failing(TopicLog log, Admission admission, AppendResult result) implements TopicLog {
        @Override
        public Admission append(Append append) {
            if (admission != Admission.REFUSED) {
                HandOver handOver = new HandOver();
                handOver.answer(append, result);
                append.lane().enqueue(handOver);
            }
            return admission;
        }

        @Override
        public CompletionStage<Page> read(TopicName topic, long from, Direction direction, int messages, int bytes) {
            return failed();
        }

        @Override
        public CompletionStage<Long> offsetAt(TopicName topic, long timestamp) {
            return failed();
        }

        @Override
        public CompletionStage<List<Reference>> references(TopicName topic, long from, long to, int most) {
            return failed();
        }

        @Override
        public CompletionStage<Long> lastOffsetIn(TopicName topic, long epoch) {
            return failed();
        }

        @Override
        public CompletionStage<Extent> extent(TopicName topic) {
            return failed();
        }

        @Override
        public CompletionStage<List<Long>> redact(TopicName topic, Redaction redaction) {
            return log.redact(topic, redaction);
        }

        @Override
        public CompletionStage<Extent> trim(TopicName topic, long before) {
            return failed();
        }

        @Override
        public CompletionStage<List<TopicExtent>> topics(String prefix, String after, int limit) {
            return failed();
        }

        @Override
        public Durability durability() {
            return log.durability();
        }

        @Override
        public LogFigures figures() {
            return log.figures();
        }

        private static <T> CompletionStage<T> failed() {
            return CompletableFuture.failedFuture(new LogUnavailableException("in trouble"));
        }
    }
}
