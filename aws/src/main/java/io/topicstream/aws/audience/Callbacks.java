package io.topicstream.aws.audience;

/// What can be asked of a gateway about one of its connections. Blocks; thread-safe.
public interface Callbacks {
    /// The most that API Gateway takes in one post, in bytes.
    int MAX_POST_BYTES = 128 * 1024;

    /// How it answers.
    enum Answer {
        /// The gateway has it.
        DONE,
        /// 410: the connection is not open, not yet or not any more.
        GONE,
        /// 429 and the like: too much just now, or the client does not read; to be tried again.
        BUSY,
        /// 413: so much cannot be posted, now or ever.
        TOO_LARGE
    }

    /// Sends the client a text message.
    Answer post(String connectionId, byte[] text);

    /// Whether the connection is open: `DONE` or `GONE`, or `BUSY` where it cannot be said.
    Answer describe(String connectionId);

    /// Closes a connection.
    ///
    /// @param code with which it is to be closed; API Gateway does not let that be chosen
    void close(String connectionId, int code, String reason);
}
