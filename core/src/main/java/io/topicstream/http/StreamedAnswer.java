package io.topicstream.http;

import java.util.concurrent.CompletionStage;

/// Who makes an answer that is sent piece by piece ([Exchange#answerStream]). It is called on the
/// exchange's thread.
public interface StreamedAnswer {
    /// It is this answer's turn: its head is sent. Never comes where the caller has gone before.
    void onOpen(Pieces pieces);

    /// The answer has ended, or the caller has gone. Comes exactly once.
    void onClosed();

    /// Where the pieces go. Thread-safe.
    interface Pieces {
        /// Sends a piece, which must not change afterwards. One is under way at a time.
        ///
        /// @return completes on the exchange's thread when the caller's socket takes more; false where
        ///     the answer has ended
        CompletionStage<Boolean> write(byte[] piece);

        /// Ends the answer: it is whole.
        void end();

        /// Cuts the answer off, so that the caller sees that it is not whole.
        void abort();
    }
}
