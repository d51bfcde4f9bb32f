package io.topicstream.http;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.command.Commands;
import io.topicstream.command.MembersCommand;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.Query;
import java.util.List;

/// The route that tells who is in a topic. For callers that are known.
public final class PresenceRoutes {
    private static final int DEFAULT_LIMIT = 100;
    /// About the longest page, in bytes.
    private static final int PAGE_BYTES = 100 * 1024;

    private static final byte[] TOPIC = ascii("{\"topic\":");
    private static final byte[] MEMBERS = ascii(",\"members\":[");
    private static final byte[] USER = ascii("{\"user\":");
    private static final byte[] NAME = ascii(",\"name\":");
    private static final byte[] CONNECTIONS = ascii(",\"connections\":");
    private static final byte[] SINCE = ascii(",\"since\":");
    private static final byte[] COUNT = ascii("],\"count\":");
    private static final byte[] NEXT = ascii(",\"next\":");

    private final Commands commands;

    public PresenceRoutes(Commands commands) {
        this.commands = commands;
    }

    public List<Route> routes() {
        return List.of(new Route("GET", "/topics/{topic}/members", Access.CALLER, this::members));
    }

    private void members(Exchange exchange) {
        TopicName topic = TopicName.orNull(exchange.parameter("topic"));
        if (topic == null) {
            exchange.refuse(ErrorCode.BAD_TOPIC, TopicName.RULE);
            return;
        }
        if (exchange.refusesParametersBut("limit", "start_after")) {
            return;
        }
        String limitText = exchange.query("limit");
        long limit = limitText == null ? DEFAULT_LIMIT : TopicRoutes.number(limitText);
        if (limit < 1 || limit > MembersCommand.MAX_LIMIT) {
            exchange.refuse(ErrorCode.BAD_FRAME, "limit is 1 to " + MembersCommand.MAX_LIMIT);
            return;
        }
        String startAfter = TopicRoutes.textOr(exchange.query("start_after"));
        Query.Members asked = new Query.Members(null, topic, (int) limit, startAfter);
        exchange.whenSuccessful(commands.members(exchange, asked, PAGE_BYTES), list -> answer(exchange, list));
    }

    private static void answer(Exchange exchange, Query.MemberList list) {
        AnswerWriter answer = exchange.lane().answer().begin();
        JsonWriter body = answer.body().raw(TOPIC).string(list.topic().value()).raw(MEMBERS);
        for (int i = 0; i < list.members().size(); i++) {
            Query.Member member = list.members().get(i);
            if (i > 0) {
                body.raw(',');
            }
            body.raw(USER).string(member.user()).raw(NAME).string(member.name());
            body.raw(CONNECTIONS).number(member.connections());
            body.raw(SINCE).number(member.since()).raw('}');
        }
        body.raw(COUNT).number(list.count());
        if (list.next() != null) {
            body.raw(NEXT).string(list.next());
        }
        body.raw('}');
        answer.send(exchange, 200);
    }
}
