package io.topicstream.http;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.command.Commands;
import io.topicstream.command.PublishCommand;
import io.topicstream.command.TopicsCommand;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.About;
import io.topicstream.log.Append;
import io.topicstream.log.Draft;
import io.topicstream.log.Durability;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.Query;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The routes of topics: produce, consume, list. For callers that are known.
public final class TopicRoutes {
    /// Messages of a page, at most.
    static final int MAX_LIMIT = 100;
    /// Bytes of a page, at most; a page has at least one message all the same.
    static final int PAGE_BYTES = 1 << 20;
    /// Bytes of a page while the answers of all connections take too much.
    static final int SMALL_PAGE_BYTES = 64 * 1024;

    private static final String TOPIC_PARAMETER = "topic";
    private static final int DEFAULT_OFFSET = 1;
    private static final int DEFAULT_LIMIT = 10;
    private static final int DEFAULT_TOPICS = 100;
    /// About the longest list of topics, in bytes.
    private static final int LIST_BYTES = 100 * 1024;
    private static final long UNREADABLE = Long.MIN_VALUE;

    private static final byte[] MESSAGES = ascii("{\"messages\":[");
    private static final byte[] FIRST_OFFSET = ascii("{\"offset\":");
    private static final byte[] MORE_OFFSET = ascii(",{\"offset\":");
    private static final byte[] PAYLOAD = ascii(",\"payload\":");
    private static final byte[] TIMESTAMP = ascii(",\"timestamp\":");
    private static final byte[] NEXT_OFFSET = ascii("],\"next_offset\":");
    private static final byte[] TOPICS = ascii("{\"topics\":[");
    private static final byte[] TOPIC = ascii("{\"topic\":");
    private static final byte[] TOPIC_OFFSET = ascii(",\"offset\":");
    private static final byte[] REDACTED = ascii(",\"redacted\":true}");
    private static final byte[] TOPIC_EPOCH = ascii(",\"epoch\":");
    private static final byte[] TOPIC_FIRST_OFFSET = ascii(",\"first_offset\":");
    private static final byte[] TOPIC_NEXT_OFFSET = ascii(",\"next_offset\":");
    private static final byte[] LIST_NEXT = ascii(",\"next\":");
    private static final byte[] NONE_IGNORED = {};
    private static final byte[] OFFSET_IGNORED = ascii("Topic-Ignored: offset\r\n");
    private static final byte[] LIMIT_IGNORED = ascii("Topic-Ignored: limit\r\n");
    private static final byte[] BOTH_IGNORED = ascii("Topic-Ignored: offset, limit\r\n");

    private final Commands commands;
    private final byte[] durabilityLine;

    /// @param durability of the log
    public TopicRoutes(Durability durability, Commands commands) {
        this.commands = commands;
        this.durabilityLine = ascii("Topic-Durability: " + durability.wireName() + "\r\n");
    }

    /// The routes.
    public List<Route> routes() {
        return List.of(
                new Route("POST", "/topics/{topic}/produce", Access.CALLER, this::produce)
                        .takingMessages()
                        .older(),
                new Route("GET", "/topics/{topic}/consume", Access.CALLER, this::consume).older(),
                new Route("DELETE", "/topics/{topic}/messages/{offset}", Access.CALLER, this::redact),
                new Route("GET", "/topics", Access.CALLER, this::list).older());
    }

    /// `POST /topics/{topic}/produce`
    void produce(Exchange exchange) {
        TopicName topic = TopicName.orNull(exchange.parameter(TOPIC_PARAMETER));
        if (topic == null) {
            exchange.refuse(ErrorCode.BAD_TOPIC, TopicName.RULE);
            return;
        }
        ProduceBody body = exchange.lane().produceBody;
        byte[] payload = body.read(exchange);
        if (payload == null) {
            exchange.lane().answer().refuseBare(exchange, ErrorCode.BAD_FRAME, body.problem());
            return;
        }
        String messageId = exchange.header("Idempotency-Key");
        if (messageId != null && refusesKey(exchange, messageId)) {
            return;
        }
        long expectedOffset = Append.ANY_OFFSET;
        String expected = exchange.query("expected_offset");
        if (expected != null) {
            expectedOffset = number(expected);
            if (expectedOffset < 0) {
                exchange.refuse(ErrorCode.BAD_FRAME, "expected_offset is an offset: 1, 2, 3 …");
                return;
            }
        }
        Draft draft = PublishCommand.signed(exchange, new Draft(payload, messageId, null));
        About about = body.about();
        if (about != null) {
            draft = draft.about(about);
        }
        Append append = new ProduceAppend(
                exchange,
                durabilityLine,
                topic,
                draft,
                exchange.identity().user(),
                messageId == null ? "" : PublishCommand.idScope(exchange),
                expectedOffset);
        if (about == null) {
            took(exchange, commands.publish(exchange, append));
        } else {
            exchange.whenSuccessfullyChanged(
                    commands.checkAbout(exchange, topic, draft),
                    _ -> took(exchange, commands.publishChecked(exchange, append)));
        }
    }

    private static void took(Exchange exchange, PublishCommand.Outcome outcome) {
        switch (outcome) {
            // At most a pipeline's depth of requests of one connection is handled at a time, and that is how much
            // slower a publisher gets when the log asks for it.
            case PublishCommand.Outcome.Accepted _ -> {}
            case PublishCommand.Outcome.Refused(var refusal) -> exchange.refuse(refusal);
        }
    }

    /// Refuses a key that is no message id. A header field is bytes: only what means the same everywhere is taken.
    private static boolean refusesKey(Exchange exchange, String key) {
        if (exchange.headers("Idempotency-Key").size() > 1) {
            exchange.refuse(ErrorCode.BAD_FRAME, "two values of Idempotency-Key; send one");
            return true;
        }
        if (key.length() > Draft.MAX_MESSAGE_ID_LENGTH) {
            exchange.refuse(
                    ErrorCode.TOO_LARGE,
                    "an Idempotency-Key is at most " + Draft.MAX_MESSAGE_ID_LENGTH + " characters");
            return true;
        }
        boolean readable = !key.isEmpty();
        for (int i = 0; i < key.length(); i++) {
            readable &= key.charAt(i) >= ' ' && key.charAt(i) < 0x7F;
        }
        if (!readable) {
            exchange.refuse(ErrorCode.BAD_FRAME, "an Idempotency-Key is 1 to 128 printable ASCII characters");
        }
        return !readable;
    }

    /// `GET /topics/{topic}/consume`
    void consume(Exchange exchange) {
        TopicName topic = TopicName.orNull(exchange.parameter(TOPIC_PARAMETER));
        if (topic == null) {
            exchange.refuse(ErrorCode.BAD_TOPIC, TopicName.RULE);
            return;
        }
        String offsetText = exchange.query("offset");
        String limitText = exchange.query("limit");
        byte[] ignored = ignored(isUnreadable(offsetText), isUnreadable(limitText));
        long offset = numberOr(offsetText, DEFAULT_OFFSET);
        long limit = numberOr(limitText, DEFAULT_LIMIT);
        if (limit < 0) {
            exchange.refuse(ErrorCode.BAD_FRAME, "limit is 0 to " + MAX_LIMIT);
            return;
        }
        String from = exchange.query("from");
        long until = time(exchange.query("until"));
        if ((from != null && time(from) == Query.NOT_GIVEN)
                || (exchange.query("until") != null && until == Query.NOT_GIVEN)) {
            exchange.refuse(ErrorCode.BAD_FRAME, "from and until are times in epoch milliseconds");
            return;
        }
        int most = (int) Math.min(limit, MAX_LIMIT);
        if (from == null) {
            consume(exchange, topic, offset, until, most, ignored);
        } else {
            exchange.whenSuccessful(
                    commands.find(exchange, topic, time(from)),
                    first -> consume(exchange, topic, Math.max(first, offset), until, most, ignored));
        }
    }

    private void consume(Exchange exchange, TopicName topic, long offset, long until, int limit, byte[] ignored) {
        String fold = exchange.query("fold");
        boolean folds = "true".equals(fold);
        if (fold != null && !folds && !"false".equals(fold)) {
            exchange.refuse(ErrorCode.BAD_FRAME, "fold is true or false");
            return;
        }
        Query.Read asked = new Query.Read(
                null, topic, offset <= 1 ? 0 : offset - 1, Query.NOT_GIVEN, Query.NOT_GIVEN, until, limit, folds);
        int room = exchange.reserve(PAGE_BYTES, SMALL_PAGE_BYTES);
        if (room == 0) {
            exchange.refuse(ErrorCode.OVERLOADED, "too many pages wait to be sent; come again");
            return;
        }
        if (folds) {
            exchange.whenSuccessful(
                    commands.readFolded(exchange, asked, room),
                    page -> FoldedBody.answer(exchange, page, offset, ignored));
        } else {
            exchange.whenSuccessful(
                    commands.read(exchange, asked, room), page -> answerPage(exchange, page, offset, ignored));
        }
    }

    /// A time in epoch milliseconds, or [Query#NOT_GIVEN] where the text is not one.
    private static long time(@Nullable String text) {
        long number = text == null ? UNREADABLE : number(text);
        return number < 0 ? Query.NOT_GIVEN : number;
    }

    /// The header line that names the parameters which were read as their defaults, because the older contract refuses
    /// none that is no number.
    private static byte[] ignored(boolean offset, boolean limit) {
        return offset ? (limit ? BOTH_IGNORED : OFFSET_IGNORED) : limit ? LIMIT_IGNORED : NONE_IGNORED;
    }

    private static void answerPage(Exchange exchange, Page page, long asked, byte[] ignored) {
        AnswerWriter answer =
                exchange.lane().answer().begin().extent(page.extent()).line(ignored);
        JsonWriter body = answer.body().raw(MESSAGES);
        List<Message> messages = page.messages();
        long next = asked;
        for (int i = 0; i < messages.size(); i++) {
            Message message = messages.get(i);
            body.raw(i == 0 ? FIRST_OFFSET : MORE_OFFSET)
                    .number(message.offset())
                    .raw(PAYLOAD)
                    .raw(message.json())
                    .raw(TIMESTAMP)
                    .number(message.timestamp());
            if (message.kind() == Message.Kind.REDACTED) {
                body.raw(REDACTED);
            } else {
                body.raw('}');
            }
            next = message.offset() + 1;
        }
        body.raw(NEXT_OFFSET).number(next).raw('}');
        answer.send(exchange, 200);
    }

    /// `DELETE /topics/{topic}/messages/{offset}`
    void redact(Exchange exchange) {
        TopicName topic = TopicName.orNull(exchange.parameter(TOPIC_PARAMETER));
        long offset = number(exchange.parameter("offset"));
        if (topic == null) {
            exchange.refuse(ErrorCode.BAD_TOPIC, TopicName.RULE);
        } else if (offset < 1) {
            exchange.refuse(ErrorCode.BAD_FRAME, "an offset is 1, 2, 3 …");
        } else {
            exchange.whenSuccessful(commands.redact(exchange, new ClientFrame.Redact(null, topic, offset)), done -> {
                AnswerWriter answer = exchange.lane().answer().begin();
                answer.body()
                        .raw(TOPIC)
                        .string(done.topic().value())
                        .raw(TOPIC_OFFSET)
                        .number(done.offset())
                        .raw('}');
                answer.send(exchange, 200);
            });
        }
    }

    /// `GET /topics`
    void list(Exchange exchange) {
        String prefix = textOr(exchange.query("prefix"));
        String startAfter = textOr(exchange.query("start_after"));
        String limitText = exchange.query("limit");
        long limit = limitText == null ? DEFAULT_TOPICS : number(limitText);
        if (limit < 1 || limit > TopicsCommand.MAX_LIMIT) {
            exchange.refuse(ErrorCode.BAD_FRAME, "limit is 1 to " + TopicsCommand.MAX_LIMIT);
            return;
        }
        if (!isBeginning(prefix) || !isBeginning(startAfter)) {
            exchange.refuse(
                    ErrorCode.BAD_TOPIC, "prefix and start_after are written as topic names: " + TopicName.RULE);
            return;
        }
        exchange.whenSuccessful(
                commands.topics(exchange, new Query.Topics(null, prefix, (int) limit, startAfter), LIST_BYTES),
                list -> answerTopics(exchange, list));
    }

    private static void answerTopics(Exchange exchange, Query.TopicList listing) {
        List<TopicExtent> topics = listing.topics();
        AnswerWriter answer = exchange.lane().answer().begin();
        JsonWriter body = answer.body().raw(TOPICS);
        for (int i = 0; i < topics.size(); i++) {
            TopicExtent topic = topics.get(i);
            if (i > 0) {
                body.raw(',');
            }
            body.raw(TOPIC)
                    .string(topic.topic().value())
                    .raw(TOPIC_EPOCH)
                    .number(topic.extent().epoch())
                    .raw(TOPIC_FIRST_OFFSET)
                    .number(topic.extent().firstOffset())
                    .raw(TOPIC_NEXT_OFFSET)
                    .number(topic.extent().nextOffset())
                    .raw('}');
        }
        body.raw(']');
        if (listing.next() != null) {
            body.raw(LIST_NEXT).string(listing.next());
        }
        body.raw('}');
        answer.send(exchange, 200);
    }

    static boolean isBeginning(String text) {
        return text.isEmpty() || TopicName.isValid(text);
    }

    static String textOr(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static boolean isUnreadable(@Nullable String text) {
        return text != null && number(text) == UNREADABLE;
    }

    private static long numberOr(@Nullable String text, long instead) {
        long number = text == null ? UNREADABLE : number(text);
        return number == UNREADABLE ? instead : number;
    }

    /// A decimal integer with an optional sign, or [#UNREADABLE]. `Long.parseLong` would take other scripts' digits,
    /// and throw for what clients are free to send.
    static long number(String text) {
        int length = text.length();
        int at = length > 0 && (text.charAt(0) == '-' || text.charAt(0) == '+') ? 1 : 0;
        if (at == length) {
            return UNREADABLE;
        }
        long value = 0;
        for (; at < length; at++) {
            int digit = text.charAt(at) - '0';
            if (digit < 0 || digit > 9 || value > (Long.MAX_VALUE - digit) / 10) {
                return UNREADABLE;
            }
            value = value * 10 + digit;
        }
        return text.charAt(0) == '-' ? -value : value;
    }
}
