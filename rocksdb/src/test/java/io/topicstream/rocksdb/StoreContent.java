package io.topicstream.rocksdb;

import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.Details;
import io.topicstream.log.Direction;
import io.topicstream.log.Draft;
import io.topicstream.log.Headers;
import io.topicstream.log.LogUnavailableException;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/// Everything that can be read from a store, for comparing two of them.
record StoreContent(List<String> topics, Map<String, List<Message>> messages, List<StateRecord> records) {
    private static final int TOPICS = 6;

    /// Writes messages with and without ids into a few topics, trims one of them, and some state records.
    static void write(RocksLog log, int round) throws Exception {
        ArrayDeque<Publish> publishes = new ArrayDeque<>();
        for (int i = 0; i < 120; i++) {
            String id = i % 3 == 0 ? "id-" + round + "-" + i : null;
            Publish publish = new Publish(
                    "room:" + i % TOPICS,
                    "{\"round\":" + round + ",\"n\":" + i + ",\"text\":\"" + text(i) + "\"}",
                    id,
                    -1);
            log.append(publish);
            publishes.add(publish);
            if (publishes.size() > 7) {
                require(publishes.remove());
            }
        }
        while (!publishes.isEmpty()) {
            require(publishes.remove());
        }
        get(log.trim(new TopicName("room:0"), 5L + 3L * round));
        for (int i = 0; i < 10; i++) {
            get(log.state()
                    .put("p" + i % 2, "key-" + i, text(i).getBytes(StandardCharsets.UTF_8), -1, StateStore.NEVER));
        }
    }

    /// Writes a message of each kind, with all that it can have, to one of the topics.
    static void writeEveryKind(RocksLog log) throws Exception {
        Headers headers = Headers.of(Map.of("trace", "0af7", "sender", "Änn"));
        for (Draft draft : List.of(
                new Draft(new byte[] {0, -1, 62}, "id-bytes", Details.ofBytes("image/png")),
                new Draft(new byte[0], null, Details.REDACTED.withHeaders(headers)),
                new Draft("{\"a\": 1}".getBytes(StandardCharsets.UTF_8), null, Details.NONE.withHeaders(headers)),
                new Draft(
                        "text".getBytes(StandardCharsets.UTF_8),
                        "id-all",
                        new Details(Message.Kind.BYTES, "text/plain", headers, "key", "origin", "tag")))) {
            Publish publish = Publish.to("room:5", draft);
            log.append(publish);
            require(publish);
        }
    }

    private static void require(Publish publish) throws Exception {
        if (!(publish.await() instanceof Appended)) {
            throw new AssertionError("not stored: " + publish.await());
        }
    }

    private static String text(int i) {
        return ("lorem ipsum dolor sit amet " + i + " ").repeat(1 + i % 4);
    }

    /// Reads everything.
    ///
    /// @throws LogUnavailableException where a part of it is damaged
    static StoreContent read(RocksLog log) throws Exception {
        List<String> topics = new ArrayList<>();
        Map<String, List<Message>> messages = new TreeMap<>();
        for (TopicExtent each : get(log.topics("", "", 1000))) {
            topics.add(each.topic() + " " + each.extent().firstOffset() + ".."
                    + each.extent().nextOffset());
        }
        for (int i = 0; i < TOPICS; i++) {
            TopicName topic = new TopicName("room:" + i);
            List<Message> all = new ArrayList<>();
            long from = 1;
            while (true) {
                Page page = get(log.read(topic, from, Direction.FORWARD, 50, 1 << 20));
                if (page.messages().isEmpty()) {
                    break;
                }
                all.addAll(page.messages());
                from = all.getLast().offset() + 1;
            }
            messages.put(topic.value(), all);
        }
        List<StateRecord> records =
                new ArrayList<>(get(log.state().scan("p0", "", "", 100)).records());
        records.addAll(get(log.state().scan("p1", "", "", 100)).records());
        return new StoreContent(topics, messages, records);
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        try {
            return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof LogUnavailableException unavailable ? unavailable : e;
        }
    }
}
