package io.topicstream.people;

import io.topicstream.log.TopicName;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// The topic of a chat room: `room:` and the room's id, in which `~`, and what no topic name has, stands as `~`
/// and two hexadecimal digits for each byte of UTF-8.
public final class RoomTopic {
    /// What the topics of rooms begin with.
    public static final String PREFIX = "room:";
    /// The one room of the chat dialect.
    public static final String LOBBY = "lobby";
    /// The room of the rooms dialect in which one is who is in no other.
    public static final String GENERAL = "general";
    /// The topic of [#LOBBY].
    public static final TopicName LOBBY_TOPIC = new TopicName(PREFIX + LOBBY);

    private static final char ESCAPE = '~';
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private RoomTopic() {}

    /// The topic of the room with this id; null where the id is empty, or so long that no topic name holds it.
    public static @Nullable TopicName of(String room) {
        // Each character takes at least one.
        if (room.isEmpty() || room.length() > TopicName.MAX_LENGTH) {
            return null;
        }
        StringBuilder name = new StringBuilder(PREFIX);
        for (byte b : room.getBytes(StandardCharsets.UTF_8)) {
            if (b != ESCAPE && TopicName.isAllowed(b)) {
                name.append((char) b);
            } else {
                name.append(ESCAPE);
                HEX.toHexDigits(name, b);
            }
        }
        return TopicName.orNull(name.toString());
    }

    /// Whether the topic is one of a room.
    public static boolean isRoom(TopicName topic) {
        return topic.value().startsWith(PREFIX);
    }

    /// The id of the room that the topic is of. One that was not made by [#of] is its name behind `room:`.
    public static String roomOf(TopicName topic) {
        String name = topic.value().substring(PREFIX.length());
        if (name.indexOf(ESCAPE) < 0) {
            return name;
        }
        String room = unescaped(name);
        return room != null && topic.equals(of(room)) ? room : name;
    }

    private static @Nullable String unescaped(String name) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c != ESCAPE) {
                bytes.write(c);
                continue;
            }
            if (i + 2 >= name.length()
                    || !HexFormat.isHexDigit(name.charAt(i + 1))
                    || !HexFormat.isHexDigit(name.charAt(i + 2))) {
                return null;
            }
            bytes.write(HexFormat.fromHexDigits(name, i + 1, i + 3));
            i += 2;
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
