package io.topicstream.http;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.json.JsonWriter;
import io.topicstream.log.About;
import io.topicstream.log.Message;
import io.topicstream.protocol.Folded;
import io.topicstream.protocol.Query;
import java.util.List;

/// The answer to a consume that folds: that of one which does not, and in each message what was said about
/// it later.
final class FoldedBody {
    private static final byte[] MESSAGES = ascii("{\"messages\":[");
    private static final byte[] OFFSET = ascii("{\"offset\":");
    private static final byte[] PAYLOAD = ascii(",\"payload\":");
    private static final byte[] TIMESTAMP = ascii(",\"timestamp\":");
    private static final byte[] FROM = ascii(",\"from\":");
    private static final byte[] NEXT_OFFSET = ascii("],\"next_offset\":");

    private FoldedBody() {}

    /// @param asked the offset that was asked for
    /// @param ignored a header line, or nothing
    static void answer(Exchange exchange, Query.FoldedPage page, long asked, byte[] ignored) {
        AnswerWriter answer =
                exchange.lane().answer().begin().extent(page.extent()).line(ignored);
        JsonWriter body = answer.body().raw(MESSAGES);
        List<Folded> messages = page.messages();
        for (int i = 0; i < messages.size(); i++) {
            if (i > 0) {
                body.raw(',');
            }
            Message message = messages.get(i).message();
            body.raw(OFFSET).number(message.offset()).raw(PAYLOAD).raw(message.json());
            body.raw(TIMESTAMP).number(message.timestamp());
            if (message.from() != null) {
                body.raw(FROM).string(message.from());
            }
            About about = message.about();
            if (about != null) {
                Folded.write(about, body);
            }
            messages.get(i).write(body);
            body.raw('}');
        }
        body.raw(NEXT_OFFSET).number(page.last() < page.first() ? asked : page.last() + 1);
        body.raw('}');
        answer.send(exchange, 200);
    }
}
