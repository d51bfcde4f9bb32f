package io.topicstream.examples.chatworkflow;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonObjectReader.Member;
import io.topicstream.json.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A connection, as it is kept, and as the worker is told of it.
///
/// @param clientId what the tabs of one browser have in common, or null
/// @param createdAtMs when it was let in
record Connected(String id, String sender, @Nullable String clientId, long createdAtMs) {
    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    private static final Member ID = MEMBERS.add("id");
    private static final Member SENDER = MEMBERS.add("sender");
    private static final Member CLIENT_ID = MEMBERS.add("clientId");
    private static final Member CREATED_AT = MEMBERS.add("createdAt");

    private static final JsonObjectReader.Builder PAGE = new JsonObjectReader.Builder();
    private static final Member CONNECTIONS = PAGE.add("connections", JsonObjectReader.Trait.LIST);
    private static final Member NEXT = PAGE.add("next");

    /// Some connections.
    ///
    /// @param next behind which id the next page begins; null for the last one
    record Page(List<Connected> connections, @Nullable String next) {
        Page {
            connections = List.copyOf(connections);
        }

        String toJson() {
            JsonWriter json = new JsonWriter().raw(ascii("{\"connections\":["));
            for (int i = 0; i < connections.size(); i++) {
                if (i > 0) {
                    json.raw(',');
                }
                connections.get(i).write(json);
            }
            json.raw(']');
            if (next != null) {
                json.raw(ascii(",\"next\":")).string(next);
            }
            return json.raw('}').toString();
        }

        /// Reads a page.
        ///
        /// @return null where it is none
        static @Nullable Page of(byte[] text) {
            JsonObjectReader page = PAGE.build();
            if (!page.read(text, 0, text.length)
                    || !page.has(CONNECTIONS)
                    || page.kind(CONNECTIONS) != JsonObjectReader.Kind.ARRAY) {
                return null;
            }
            List<Connected> connections = new ArrayList<>();
            JsonObjectReader one = MEMBERS.build();
            boolean[] allRead = {true};
            page.elements(CONNECTIONS, (from, to) -> {
                Connected connected = one.read(text, from, to) ? Connected.of(one) : null;
                if (connected == null) {
                    allRead[0] = false;
                } else {
                    connections.add(connected);
                }
            });
            return allRead[0] ? new Page(connections, page.string(NEXT)) : null;
        }
    }

    byte[] toBytes() {
        JsonWriter json = new JsonWriter();
        write(json);
        return json.toByteArray();
    }

    private void write(JsonWriter json) {
        json.raw(ascii("{\"id\":")).string(id).raw(ascii(",\"sender\":")).string(sender);
        if (clientId != null) {
            json.raw(ascii(",\"clientId\":")).string(clientId);
        }
        json.raw(ascii(",\"createdAt\":")).number(createdAtMs).raw('}');
    }

    /// Reads a connection.
    ///
    /// @return null where it is none
    static @Nullable Connected of(byte[] text) {
        JsonObjectReader reader = MEMBERS.build();
        return reader.read(text, 0, text.length) ? of(reader) : null;
    }

    private static @Nullable Connected of(JsonObjectReader reader) {
        String id = reader.string(ID);
        String sender = reader.string(SENDER);
        return id == null || sender == null
                ? null
                : new Connected(id, sender, reader.string(CLIENT_ID), reader.integer(CREATED_AT));
    }
}
