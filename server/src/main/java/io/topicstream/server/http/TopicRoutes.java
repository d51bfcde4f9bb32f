package io.topicstream.server.http;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.access.Identity;
import io.topicstream.command.PublishCommand;
import io.topicstream.command.Result;
import io.topicstream.command.TopicsCommand;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Append;
import io.topicstream.log.Draft;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.transport.HttpExchange;
import io.topicstream.transport.RequestHead;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The routes of topics: produce, consume, list. Called on the event loop of the exchange, for a caller that is known.
final class TopicRoutes {
    /// Messages of a page, at most.
    static final int MAX_LIMIT = 100;
    /// Bytes of a page, at most; a page has at least one message all the same.
    static final int PAGE_BYTES = 1 << 20;
    /// Bytes of a page while the answers of all connections take too much.
    static final int SMALL_PAGE_BYTES = 64 * 1024;

    private static final int DEFAULT_OFFSET = 1;
    private static final int DEFAULT_LIMIT = 10;
    private static final int DEFAULT_TOPICS = 100;
    /// About the longest list of topics, in bytes.
    private static final int LIST_BYTES = 100 * 1024;
    private static final long UNREADABLE = Long.MIN_VALUE;

    /// In which all anonymous callers' keys are unique. A repeat comes on another connection, so the connection will
    /// not do; connection ids are longer than this name.
    private static final String ANONYMOUS_SCOPE = "c:http";

    private static final byte[] MESSAGES = ascii("{\"messages\":[");
    private static final byte[] FIRST_OFFSET = ascii("{\"offset\":");
    private static final byte[] MORE_OFFSET = ascii(",{\"offset\":");
    private static final byte[] PAYLOAD = ascii(",\"payload\":");
    private static final byte[] TIMESTAMP = ascii(",\"timestamp\":");
    private static final byte[] NEXT_OFFSET = ascii("],\"next_offset\":");
    private static final byte[] TOPICS = ascii("{\"topics\":[");
    private static final byte[] TOPIC = ascii("{\"topic\":");
    private static final byte[] TOPIC_EPOCH = ascii(",\"epoch\":");
    private static final byte[] TOPIC_FIRST_OFFSET = ascii(",\"first_offset\":");
    private static final byte[] TOPIC_NEXT_OFFSET = ascii(",\"next_offset\":");
    private static final byte[] LIST_NEXT = ascii(",\"next\":");
    private static final byte[] NONE_IGNORED = {};
    private static final byte[] OFFSET_IGNORED = ascii("Topic-Ignored: offset\r\n");
    private static final byte[] LIMIT_IGNORED = ascii("Topic-Ignored: limit\r\n");
    private static final byte[] BOTH_IGNORED = ascii("Topic-Ignored: offset, limit\r\n");

    private final HttpServices services;
    private final byte[] durabilityLine;

    TopicRoutes(HttpServices services) {
        this.services = services;
        this.durabilityLine =
                ascii("Topic-Durability: " + services.log().durability().wireName() + "\r\n");
    }

    /// `POST /topics/{topic}/produce`
    void produce(HttpLoop loop, HttpExchange exchange, String topicText, Identity who) {
        RequestHead head = exchange.head();
        TopicName topic = TopicName.orNull(topicText);
        if (topic == null) {
            loop.answer.refuse(exchange, ErrorCode.BAD_TOPIC, TopicName.RULE);
            return;
        }
        byte[] payload = loop.produceBody.read(head.header("Content-Type"), exchange.body());
        if (payload == null) {
            loop.answer.refuseBare(exchange, ErrorCode.BAD_FRAME, loop.produceBody.problem());
            return;
        }
        String messageId = head.header("Idempotency-Key");
        if (messageId != null && refusesKey(loop, exchange, messageId)) {
            return;
        }
        long expectedOffset = Append.ANY_OFFSET;
        String expected = head.query("expected_offset");
        if (expected != null) {
            expectedOffset = number(expected);
            if (expectedOffset < 0) {
                loop.answer.refuse(exchange, ErrorCode.BAD_FRAME, "expected_offset is an offset: 1, 2, 3 …");
                return;
            }
        }
        String user = who.user();
        Append append = new ProduceAppend(
                loop,
                exchange,
                durabilityLine,
                topic,
                new Draft(payload, messageId, null),
                user,
                user == null ? ANONYMOUS_SCOPE : PublishCommand.idScope(who, ""),
                expectedOffset);
        switch (services.publish().run(who, append)) {
            // At most a pipeline's depth of requests of one connection is handled at a time, and that is how much
            // slower a publisher gets when the log asks for it.
            case PublishCommand.Outcome.Accepted _ -> {}
            case PublishCommand.Outcome.Refused(var refusal) -> loop.answer.refuse(exchange, refusal);
        }
    }

    /// Refuses a key that is no message id. A header field is bytes: only what means the same everywhere is taken.
    private static boolean refusesKey(HttpLoop loop, HttpExchange exchange, String key) {
        if (exchange.head().headers("Idempotency-Key").size() > 1) {
            loop.answer.refuse(exchange, ErrorCode.BAD_FRAME, "two values of Idempotency-Key; send one");
            return true;
        }
        if (key.length() > Draft.MAX_MESSAGE_ID_LENGTH) {
            loop.answer.refuse(
                    exchange,
                    ErrorCode.TOO_LARGE,
                    "an Idempotency-Key is at most " + Draft.MAX_MESSAGE_ID_LENGTH + " characters");
            return true;
        }
        boolean readable = !key.isEmpty();
        for (int i = 0; i < key.length(); i++) {
            readable &= key.charAt(i) >= ' ' && key.charAt(i) < 0x7F;
        }
        if (!readable) {
            loop.answer.refuse(
                    exchange, ErrorCode.BAD_FRAME, "an Idempotency-Key is 1 to 128 printable ASCII characters");
        }
        return !readable;
    }

    /// `GET /topics/{topic}/consume`
    void consume(HttpLoop loop, HttpExchange exchange, String topicText, Identity who) {
        TopicName topic = TopicName.orNull(topicText);
        if (topic == null) {
            loop.answer.refuse(exchange, ErrorCode.BAD_TOPIC, TopicName.RULE);
            return;
        }
        String offsetText = exchange.head().query("offset");
        String limitText = exchange.head().query("limit");
        byte[] ignored = ignored(isUnreadable(offsetText), isUnreadable(limitText));
        long offset = numberOr(offsetText, DEFAULT_OFFSET);
        long limit = numberOr(limitText, DEFAULT_LIMIT);
        if (limit < 0) {
            loop.answer.refuse(exchange, ErrorCode.BAD_FRAME, "limit is 0 to " + MAX_LIMIT);
            return;
        }
        ClientFrame.Read read = new ClientFrame.Read(
                null, topic, offset <= 1 ? 0 : offset - 1, ClientFrame.NOT_GIVEN, (int) Math.min(limit, MAX_LIMIT));
        int room = exchange.reserve(PAGE_BYTES, SMALL_PAGE_BYTES);
        if (room == 0) {
            loop.answer.refuse(exchange, ErrorCode.OVERLOADED, "too many pages wait to be sent; come again");
            return;
        }
        loop.whenComplete(exchange, services.read().run(who, read, room), (result, failure) -> {
            switch (result) {
                case Result.Success<Page>(var page) -> answerPage(loop, exchange, page, offset, ignored);
                case Result.Refused<Page>(var refusal) -> loop.answer.refuse(exchange, refusal);
                case null -> loop.answer.refuse(exchange, ErrorCode.UNAVAILABLE, "the store cannot answer now");
            }
        });
    }

    /// The header line that names the parameters which were read as their defaults, because the older contract refuses
    /// none that is no number.
    private static byte[] ignored(boolean offset, boolean limit) {
        return offset ? (limit ? BOTH_IGNORED : OFFSET_IGNORED) : limit ? LIMIT_IGNORED : NONE_IGNORED;
    }

    private static void answerPage(HttpLoop loop, HttpExchange exchange, Page page, long asked, byte[] ignored) {
        AnswerWriter answer = loop.answer.begin().extent(page.extent()).line(ignored);
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
                    .number(message.timestamp())
                    .raw('}');
            next = message.offset() + 1;
        }
        body.raw(NEXT_OFFSET).number(next).raw('}');
        answer.send(exchange, 200);
    }

    /// `GET /topics`
    void list(HttpLoop loop, HttpExchange exchange, String none, Identity who) {
        RequestHead head = exchange.head();
        String prefix = textOr(head.query("prefix"));
        String startAfter = textOr(head.query("start_after"));
        String limitText = head.query("limit");
        long limit = limitText == null ? DEFAULT_TOPICS : number(limitText);
        if (limit < 1 || limit > TopicsCommand.MAX_LIMIT) {
            loop.answer.refuse(exchange, ErrorCode.BAD_FRAME, "limit is 1 to " + TopicsCommand.MAX_LIMIT);
            return;
        }
        if (!isBeginning(prefix) || !isBeginning(startAfter)) {
            loop.answer.refuse(
                    exchange,
                    ErrorCode.BAD_TOPIC,
                    "prefix and start_after are written as topic names: " + TopicName.RULE);
            return;
        }
        loop.whenComplete(
                exchange,
                services.topics().run(who, prefix, (int) limit, startAfter, LIST_BYTES),
                (topics, failure) -> {
                    if (topics == null) {
                        loop.answer.refuse(exchange, ErrorCode.UNAVAILABLE, "the store cannot answer now");
                    } else {
                        answerTopics(loop, exchange, topics);
                    }
                });
    }

    private static void answerTopics(HttpLoop loop, HttpExchange exchange, TopicsCommand.Listing listing) {
        List<TopicExtent> topics = listing.topics();
        AnswerWriter answer = loop.answer.begin();
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

    private static boolean isBeginning(String text) {
        return text.isEmpty() || TopicName.isValid(text);
    }

    private static String textOr(@Nullable String text) {
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
