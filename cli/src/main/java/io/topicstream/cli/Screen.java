package io.topicstream.cli;

import org.jspecify.annotations.Nullable;

/// What a chat is shown on and typed into: a terminal, or a pipe.
///
/// [#show] and [#standing] may be called from any thread, [#read] from one.
interface Screen extends AutoCloseable {
    /// Whether somebody sits there: then nothing that is typed waits for what was typed before.
    boolean isTerminal();

    /// Shows a line, above what is being typed.
    void show(ChatLine line);

    /// Says where the user is, in front of what is typed.
    void standing(String text);

    /// Waits for the next line that is typed; null when there will be none.
    @Nullable
    String read();

    /// Asks something before the chat begins; an empty answer is the default.
    String ask(String question, String byDefault);

    @Override
    void close();
}
