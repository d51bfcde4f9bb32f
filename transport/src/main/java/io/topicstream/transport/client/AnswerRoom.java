package io.topicstream.transport.client;

/// How much all answers that are under way may take. Thread-safe; does not block.
public interface AnswerRoom {
    /// Takes so many bytes of it, if they are there.
    boolean hold(int bytes);

    /// Gives bytes back that were taken.
    void giveBack(long bytes);
}
