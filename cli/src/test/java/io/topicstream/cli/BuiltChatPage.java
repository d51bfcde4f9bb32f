package io.topicstream.cli;

/// Whether the chat page is part of this build: one that is made without npm has none.
public final class BuiltChatPage {
    private BuiltChatPage() {}

    /// As its server finds out.
    public static boolean isThere() {
        return BuiltChatPage.class.getResource("/io/topicstream/web/chat.files") != null;
    }
}
