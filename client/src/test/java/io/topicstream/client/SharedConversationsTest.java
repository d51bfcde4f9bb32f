package io.topicstream.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.protocol.From;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The conversations that every client holds: `clients/vectors`. Those with `tokens` are for clients that ask a
/// function for tokens; an application of this one renews its token by [TopicStreamClient#authenticate].
class SharedConversationsTest {
    private static final Path FILE = Path.of("..", "clients", "vectors", "conversations.json");
    private static final JsonMapper JSON = JsonMapper.builder().build();

    static Stream<Arguments> conversations() throws Exception {
        List<Arguments> found = new ArrayList<>();
        for (JsonNode conversation : JSON.readTree(Files.readString(FILE)).get("conversations")) {
            if (!conversation.has("tokens")) {
                found.add(Arguments.of(conversation.get("name").asString(), conversation.get("steps")));
            }
        }
        return found.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("conversations")
    void theClientHoldsIt(String name, JsonNode steps) {
        Run run = new Run();
        int number = 0;
        for (JsonNode step : steps) {
            try {
                step.properties().forEach(each -> run.step(each.getKey(), each.getValue()));
            } catch (AssertionError e) {
                throw new AssertionError("step " + number + " of \"" + name + "\": " + step + ": " + e.getMessage(), e);
            }
            number++;
        }
    }

    @Test
    void thereAreMany() throws Exception {
        assertThat(conversations()).hasSizeGreaterThan(20);
    }

    /// Draws one half, always.
    private static final class Half implements RandomGenerator {
        @Override
        public long nextLong() {
            return 0;
        }

        @Override
        public long nextLong(long bound) {
            return bound / 2;
        }
    }

    /// One conversation, with all that is heard of it.
    private static final class Run {
        private final SteppedLoop loop = new SteppedLoop();
        private final ScriptedHttp http = new ScriptedHttp();
        private final Map<String, JsonNode> ids = new HashMap<>();
        private final Map<String, Subscription> subscriptions = new HashMap<>();
        /// By who hears it: of each its events in their order.
        private final Map<String, List<JsonNode>> heard = new TreeMap<>();
        private final TopicStreamClient client = TopicStreamClient.builder(URI.create("ws://localhost/v1"))
                .user("ada")
                .httpClient(http)
                .loop(loop)
                .callbacks(loop::execute)
                .random(new Half())
                .connectionListener(new ConnectionListener() {
                    @Override
                    public void onConnected(Welcome welcome) {
                        state("connected");
                    }

                    @Override
                    public void onDisconnected(int code, String reason, long retryInMs) {
                        state("waiting");
                    }

                    @Override
                    public void onEnded(TopicStreamException.Ended reason) {
                        state("ended");
                    }
                })
                .build();

        Run() {
            var _ = client.connect();
            loop.turn();
        }

        private void state(String word) {
            hear("state", JSON.createObjectNode().put("state", word));
        }

        private void hear(String who, JsonNode event) {
            // As text and back: so numbers are what the file has.
            heard.computeIfAbsent(who, _ -> new ArrayList<>()).add(JSON.readTree(event.toString()));
        }

        void step(String kind, JsonNode value) {
            switch (kind) {
                case "do" -> value.properties().forEach(each -> call(each.getKey(), each.getValue()));
                case "open" -> http.answer().open();
                case "refuse" -> http.answer().lose(value.get("code").asInt(), "");
                case "close" ->
                    http.newest()
                            .lose(value.get("code").asInt(), value.get("reason").asString());
                case "server" -> http.newest().say(withIds(value).toString());
                case "client" -> assertSent(value);
                case "heard" -> assertHeard(value);
                case "asking" -> assertThat(http.isAsked()).isEqualTo(value.asBoolean());
                case "pass_ms" -> {
                    for (int i = 0; i < value.asInt(); i++) {
                        loop.advance(1);
                    }
                }
                default -> throw new AssertionError("no such step: " + kind);
            }
            loop.turn();
        }

        private void call(String what, JsonNode value) {
            String topic = value.path("topic").asString("");
            switch (what) {
                case "subscribe" ->
                    subscriptions.put(
                            topic,
                            client.subscribe(
                                    topic,
                                    from(value.get("from")),
                                    new Ear(value.get("as").asString())));
                case "publish" -> {
                    String as = value.get("as").asString();
                    var _ = client.publish(
                                    topic,
                                    value.get("message").toString(),
                                    PublishOptions.DEFAULT.withMessageId(
                                            value.get("message_id").asString()))
                            .whenComplete((published, failure) -> hear(as, answer(as, published, failure)));
                }
                case "unsubscribe" -> subscriptions.get(topic).close();
                case "ack" -> {
                    var _ = client.ackRead(topic, value.get("read").asLong());
                }
                case "close" -> client.close();
                default -> throw new AssertionError("no such call: " + what);
            }
        }

        private static From from(JsonNode from) {
            if (from.has("last")) {
                return new From.Last(from.get("last").asLong());
            }
            if (from.has("time")) {
                return new From.Time(from.get("time").asLong());
            }
            if (from.has("resume")) {
                JsonNode position = from.get("resume");
                return new From.Resume(
                        position.get("epoch").asLong(), position.get("offset").asLong());
            }
            if (from.isNumber()) {
                return new From.Offset(from.asLong());
            }
            return from.asString().equals("new") ? From.NEW : new From.Earliest();
        }

        private static JsonNode answer(String as, @Nullable Published published, @Nullable Throwable failure) {
            ObjectNode event = JSON.createObjectNode().put("p", as);
            if (failure == null && published != null) {
                event.putObject("published").put("offset", published.offset());
            } else {
                event.set("refused", code(failure));
            }
            return event;
        }

        /// A text of the server's, or the close code; nothing without a reason.
        private static JsonNode code(@Nullable Throwable failure) {
            ObjectNode reason = JSON.createObjectNode();
            switch (failure) {
                case null -> {}
                case TopicStreamException.Refused refused -> reason.put("code", refused.code());
                case TopicStreamException.Ended ended -> reason.put("code", ended.code());
                default -> reason.put("code", failure.toString());
            }
            return reason;
        }

        /// Hears a subscription.
        private final class Ear implements SubscriptionListener {
            private final String name;

            Ear(String name) {
                this.name = name;
            }

            private void tell(String what, JsonNode value) {
                hear(name, JSON.createObjectNode().put("s", name).set(what, value));
            }

            @Override
            public void onMessage(ReceivedMessage message) {
                ObjectNode value = JSON.createObjectNode().put("offset", message.offset());
                tell("message", value.set("message", JSON.readTree(message.json())));
            }

            @Override
            public void onTruncated(long epoch, long firstOffset) {
                tell("truncated", JSON.createObjectNode().put("epoch", epoch).put("first_offset", firstOffset));
            }

            @Override
            public void onReset(long epoch, long commonOffset) {
                tell("reset", JSON.createObjectNode().put("epoch", epoch).put("common_offset", commonOffset));
            }

            @Override
            public void onRedacted(List<Long> offsets) {
                ObjectNode value = JSON.createObjectNode();
                ArrayNode all = value.putArray("offsets");
                offsets.forEach(all::add);
                tell("redacted", value);
            }

            @Override
            public void onEnded(@Nullable TopicStreamException reason) {
                tell("ended", code(reason));
            }
        }

        private void assertHeard(JsonNode expected) {
            Map<String, List<JsonNode>> inOrder = new TreeMap<>();
            for (JsonNode event : expected) {
                String who = event.path("s").asString(event.path("p").asString("state"));
                inOrder.computeIfAbsent(who, _ -> new ArrayList<>()).add(event);
            }
            assertThat(heard).isEqualTo(inOrder);
            heard.clear();
        }

        private void assertSent(JsonNode expected) {
            List<JsonNode> frames = new ArrayList<>();
            for (String text : http.taken()) {
                JsonNode sent = JSON.readTree(text);
                if (sent.isArray()) {
                    sent.forEach(frames::add);
                } else {
                    frames.add(sent);
                }
            }
            assertThat(frames).as("sent").hasSize(expected.size());
            for (int i = 0; i < frames.size(); i++) {
                assertThat(filled(expected.get(i), frames.get(i))).isEqualTo(frames.get(i));
            }
        }

        /// What is expected, with what was sent in the places that are left open.
        private JsonNode filled(JsonNode expected, JsonNode sent) {
            if (!expected.isObject()) {
                return expected;
            }
            ObjectNode filled = JSON.createObjectNode();
            expected.properties().forEach(member -> {
                String name = member.getKey();
                JsonNode value = member.getValue();
                JsonNode actual = sent.path(name);
                String text = value.asString("");
                if (value.isString() && text.equals("$any")) {
                    filled.set(name, actual);
                } else if (name.equals("id") && text.startsWith("$")) {
                    filled.set(name, ids.computeIfAbsent(text, _ -> actual));
                } else {
                    filled.set(name, filled(value, actual));
                }
            });
            return filled;
        }

        /// The server's frames, with the ids that the client chose.
        private JsonNode withIds(JsonNode frames) {
            if (frames.isArray()) {
                ArrayNode all = JSON.createArrayNode();
                frames.forEach(frame -> all.add(withIds(frame)));
                return all;
            }
            JsonNode id = ids.get(frames.path("id").asString(""));
            return id == null ? frames : ((ObjectNode) frames.deepCopy()).set("id", id);
        }
    }
}
