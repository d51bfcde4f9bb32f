package io.topicstream.dialect;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.Query;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The queries of the native dialect: how each is read, and beside it how its answer is written. What only
/// queries have as members is named here too. Immutable.
final class NativeQueries {
    private static final byte[] READ = ascii("read");
    private static final byte[] TOPICS = ascii("topics");

    private static final byte[] M_MESSAGES = ascii(",\"messages\":[");
    private static final byte[] M_TOPICS = ascii(",\"topics\":[");
    private static final byte[] M_NEXT = ascii(",\"next\":");

    private final JsonObjectReader.Member after;
    private final JsonObjectReader.Member before;
    private final JsonObjectReader.Member limit;
    private final JsonObjectReader.Member prefix;
    private final JsonObjectReader.Member startAfter;

    /// @param members of all frames: those of queries are added
    NativeQueries(JsonObjectReader.Builder members) {
        after = members.add("after");
        before = members.add("before");
        limit = members.add("limit");
        prefix = members.add("prefix");
        startAfter = members.add("start_after");
    }

    /// The query that the decoder has just read, or null where the frame is something else.
    @Nullable
    ClientFrame frame(NativeDecoder in, byte @Nullable [] id) {
        if (in.isAction(READ)) {
            return read(in, id);
        }
        if (in.isAction(TOPICS)) {
            return topics(in, id);
        }
        return null;
    }

    /// Writes an answer but for its closing brace.
    ///
    /// @return whether it is said at all
    static boolean write(Query.Answer answer, JsonWriter out) {
        return switch (answer) {
            case Query.ReadPage page -> readPage(page, out);
            case Query.TopicList list -> topicList(list, out);
        };
    }

    // ---- read

    private ClientFrame read(NativeDecoder in, byte @Nullable [] id) {
        TopicName topic = in.topic();
        long afterOffset = in.integer(after, Query.NOT_GIVEN);
        long beforeOffset = in.integer(before, Query.NOT_GIVEN);
        if (afterOffset != Query.NOT_GIVEN && beforeOffset != Query.NOT_GIVEN) {
            in.blame("a read has \"after\" or \"before\", not both");
        }
        long most = in.integer(limit, NativeDialect.DEFAULT_READ_LIMIT);
        if (topic == null || in.hasFault()) {
            return in.malformed(id);
        }
        return new Query.Read(id, topic, afterOffset, beforeOffset, (int) Math.min(most, NativeDialect.MAX_LIMIT));
    }

    private static boolean readPage(Query.ReadPage page, JsonWriter out) {
        if (!NativeEncoder.reply(page.id(), out)) {
            return false;
        }
        NativeEncoder.topic(page.topic(), out);
        out.raw(M_MESSAGES);
        List<Message> messages = page.messages();
        for (int i = 0; i < messages.size(); i++) {
            NativeEncoder.comma(i, out);
            out.raw(NativeEncoder.FIRST_OFFSET);
            NativeEncoder.restOfMessage(messages.get(i), out);
        }
        out.raw(']');
        NativeEncoder.extent(page.extent(), out);
        return true;
    }

    // ---- topics

    private ClientFrame topics(NativeDecoder in, byte @Nullable [] id) {
        String beginning = in.partOfName(prefix);
        long most = in.integer(limit, NativeDialect.DEFAULT_TOPICS_LIMIT);
        String last = in.partOfName(startAfter);
        if (in.hasFault()) {
            return in.malformed(id);
        }
        return new Query.Topics(id, beginning, Math.clamp(most, 1, NativeDialect.MAX_LIMIT), last);
    }

    private static boolean topicList(Query.TopicList list, JsonWriter out) {
        if (!NativeEncoder.reply(list.id(), out)) {
            return false;
        }
        out.raw(M_TOPICS);
        NativeEncoder.positions(list.topics(), out);
        if (list.next() != null) {
            out.raw(M_NEXT).string(list.next());
        }
        return true;
    }
}
