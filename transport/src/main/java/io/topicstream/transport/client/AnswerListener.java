package io.topicstream.transport.client;

import java.util.List;
import java.util.Map;

/// Hears what comes of a call: one of the two, once, on an event loop. Neither may block.
public interface AnswerListener {
    /// The server has answered.
    ///
    /// @param status 200 to 599
    /// @param fields by their names in any case; the listener owns them
    /// @param body all of it; the listener owns it
    void onAnswer(int status, Map<String, List<String>> fields, byte[] body);

    /// There is no answer. After the end of the loops this may come on any thread.
    ///
    /// @param why a [java.util.concurrent.TimeoutException] if it took too long, a [LargeAnswerException] if the
    ///     answer was too large, else another [java.io.IOException]
    void onFailure(Exception why);
}
