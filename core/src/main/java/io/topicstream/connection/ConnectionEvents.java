package io.topicstream.connection;

/// Told of the connections that are opened and closed, on the threads of their lanes. Does not block.
public interface ConnectionEvents {
    /// Nobody wants to know.
    ConnectionEvents NONE = new ConnectionEvents() {
        @Override
        public void opened(OpenConnection connection) {}

        @Override
        public void closed(OpenConnection connection, int code, String reason) {}
    };

    /// It is open.
    void opened(OpenConnection connection);

    /// It was opened, and has ended.
    ///
    /// @param code with which it was closed, by either side; 1005 where the client gave none, 1006 where
    ///     it just vanished
    /// @param reason that came with the code; may be empty
    void closed(OpenConnection connection, int code, String reason);
}
