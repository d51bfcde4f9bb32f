package io.topicstream.examples.directchat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Who is connected, and under which name. The port to where that is kept; thread-safe, and its methods wait for the
/// store.
///
/// A name belongs to one connection at a time: of many that claim it at once, one has it. What was answered outlives
/// the process.
///
/// All methods throw [RecordsException] where the store does not answer, or not in time.
interface Register extends AutoCloseable {
    /// The longest connection id and the longest name, in bytes of UTF-8.
    int MAX_BYTES = 512;

    /// A connection.
    ///
    /// @param username empty while it has none
    record Entry(String connectionId, String username) {}

    /// Notes a connection. One that is known stays as it is.
    void connect(String connectionId);

    /// Forgets a connection and frees its name. Without effect where it is not known.
    void disconnect(String connectionId);

    /// Gives a connection a name, in place of the one it had. A connection that is not known is noted.
    ///
    /// @return false if the name is taken, be it by this same connection, and nothing changed
    boolean claim(String connectionId, String username);

    /// The name of a connection, or null where it has none.
    @Nullable
    String usernameOf(String connectionId);

    /// The connection that has a name, or null where there is none.
    @Nullable
    String connectionOf(String username);

    /// All connections, in no order that counts.
    List<Entry> all();

    @Override
    void close();

    /// Whether a text can be a connection id or a name.
    static boolean isKey(String text) {
        return !text.isEmpty() && text.indexOf('\0') < 0 && text.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
    }
}
