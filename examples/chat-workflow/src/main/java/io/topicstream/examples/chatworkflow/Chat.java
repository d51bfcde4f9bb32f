package io.topicstream.examples.chatworkflow;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.dialect.ChatDialect;
import io.topicstream.examples.backend.Endpoints;
import io.topicstream.examples.backend.Endpoints.Asked;
import io.topicstream.examples.backend.Journal;
import io.topicstream.examples.backend.RecordsException;
import io.topicstream.examples.backend.Reply;
import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonObjectReader.Member;
import io.topicstream.people.FriendlyNames;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// What the back end does for the gateway: it notes what happens, and puts it on the bus. It sends nothing to clients.
/// For the worker it has the list of connections. Thread-safe.
final class Chat {
    private static final int LAST_MESSAGES = 20;
    private static final int LARGEST_PAGE = 1000;
    private static final int MAX_CLIENT_ID = 512;
    private static final String CONNECTIONS = "/connections";
    private static final Reply FAILED = new Reply(500, "could not be done");
    private static final Reply DONE = Reply.ok("");

    private static final JsonObjectReader.Builder REQUEST = new JsonObjectReader.Builder();
    private static final Member CONNECTION_ID = REQUEST.add("connectionId");
    private static final Member MESSAGE = REQUEST.add("message", JsonObjectReader.Trait.PAYLOAD);

    private static final JsonObjectReader.Builder SENT = new JsonObjectReader.Builder();
    private static final Member CONTENT = SENT.add("content");

    private final Members members;
    private final Bus bus;
    private final InstantSource clock;

    Chat(Members members, Bus bus, InstantSource clock) {
        this.members = members;
        this.bus = bus;
        this.clock = clock;
    }

    /// Has a back end answer with what this does.
    void addTo(Endpoints endpoints) {
        endpoints.at(
                "POST", "/connect", asked -> forConnection(asked, (id, _) -> connect(id, asked.parameter("clientId"))));
        endpoints.at("POST", "/disconnect", asked -> forConnection(asked, (id, _) -> disconnect(id)));
        endpoints.at("POST", "/send-message", asked -> forConnection(asked, this::send));
        endpoints.at("GET", "/chat/last-messages", _ -> lastMessages());
        endpoints.at("GET", CONNECTIONS, this::page);
        endpoints.at("DELETE", CONNECTIONS + "/", this::forget);
    }

    private interface Work {
        Reply of(String connectionId, JsonObjectReader request);
    }

    private static Reply forConnection(Asked asked, Work work) {
        JsonObjectReader request = REQUEST.build();
        String connectionId = request.read(asked.body(), 0, asked.body().length) ? request.string(CONNECTION_ID) : null;
        if (connectionId == null || !Members.isId(connectionId)) {
            return Reply.refused("'connectionId' required");
        }
        try {
            return work.of(connectionId, request).of(connectionId);
        } catch (RecordsException | Bus.BusException e) {
            Journal.warn(String.valueOf(e.getMessage()));
            return FAILED.of(connectionId);
        }
    }

    /// Somebody connects. He is noted before others hear of him, so that he hears of himself too. Who cannot be
    /// announced is not let in.
    private Reply connect(String connectionId, String clientId) {
        if (clientId.length() > MAX_CLIENT_ID) {
            return Reply.refused("'clientId' is too long");
        }
        long nowMs = clock.millis();
        Connected connected = new Connected(
                connectionId, FriendlyNames.of(connectionId), clientId.isEmpty() ? null : clientId, nowMs);
        members.add(connected);
        try {
            bus.publish(event(EventType.CONNECTION_ESTABLISHED, connected, nowMs, null, null));
        } catch (Bus.BusException e) {
            members.remove(connectionId);
            throw e;
        }
        return DONE;
    }

    private static ChatEvent event(
            EventType type, Connected of, long atMs, @Nullable String content, @Nullable String messageId) {
        return new ChatEvent(type, of.id(), of.sender(), of.clientId(), ChatEvent.iso(atMs), content, messageId);
    }

    /// Somebody has left. He is forgotten first, so that nothing is sent to him any more.
    private Reply disconnect(String connectionId) {
        Connected connected = known(connectionId);
        members.remove(connectionId);
        bus.publish(event(EventType.CONNECTION_CLOSED, connected, clock.millis(), null, null));
        return DONE;
    }

    /// A connection as it was noted; one that was not has its name all the same.
    private Connected known(String connectionId) {
        Connected known = members.get(connectionId);
        return known != null
                ? known
                : new Connected(connectionId, FriendlyNames.of(connectionId), null, clock.millis());
    }

    /// Somebody says something. What is no text of the right length is answered with silence, and not kept.
    private Reply send(String connectionId, JsonObjectReader request) {
        String content = content(request);
        if (content == null) {
            return DONE;
        }
        long nowMs = clock.millis();
        Connected connected = known(connectionId);
        String messageId = members.newMessageId();
        members.keep(new Said(messageId, connected.sender(), connectionId, content, ChatEvent.iso(nowMs)));
        try {
            bus.publish(event(EventType.MESSAGE_SENT, connected, nowMs, content, messageId));
        } catch (Bus.BusException e) {
            members.discard(messageId);
            throw e;
        }
        return DONE;
    }

    private static @Nullable String content(JsonObjectReader request) {
        JsonObjectReader sent = SENT.build();
        if (!request.has(MESSAGE)) {
            return null;
        }
        byte[] message = request.raw(MESSAGE);
        String content = sent.read(message, 0, message.length) ? sent.string(CONTENT) : null;
        return content == null || content.isEmpty() || content.length() > ChatDialect.MAX_CONTENT_LENGTH
                ? null
                : content;
    }

    private Reply lastMessages() {
        try {
            StringBuilder list = new StringBuilder("{\"messages\":[");
            for (byte[] said : members.lastSaid(LAST_MESSAGES)) {
                list.append(list.charAt(list.length() - 1) == '[' ? "" : ",").append(new String(said, UTF_8));
            }
            return Reply.json(list.append("]}").toString());
        } catch (RecordsException e) {
            Journal.warn(String.valueOf(e.getMessage()));
            return FAILED;
        }
    }

    /// A page of the connections, for the worker.
    private Reply page(Asked asked) {
        String limit = asked.parameter("limit");
        if (!limit.matches("[1-9][0-9]{0,3}") || Integer.parseInt(limit) > LARGEST_PAGE) {
            return Reply.refused("'limit' is 1 to " + LARGEST_PAGE);
        }
        try {
            return Reply.json(members.page(asked.parameter("after"), Integer.parseInt(limit))
                    .toJson());
        } catch (RecordsException e) {
            Journal.warn(String.valueOf(e.getMessage()));
            return FAILED;
        }
    }

    /// The worker has found a connection gone.
    private Reply forget(Asked asked) {
        String connectionId = asked.path().substring(CONNECTIONS.length() + 1);
        if (!Members.isId(connectionId)) {
            return Reply.refused("not the id of a connection");
        }
        try {
            members.remove(connectionId);
            return DONE.of(connectionId);
        } catch (RecordsException e) {
            Journal.warn(String.valueOf(e.getMessage()));
            return FAILED.of(connectionId);
        }
    }
}
