package io.topicstream.client;

import org.jspecify.annotations.Nullable;

/// The display name that the application has claimed and the server has given: claimed again on each
/// connection, before anything else is said there. Owned by the client's loop.
final class ClaimedName {
    private static final System.Logger LOGGER = System.getLogger(TopicStreamClient.class.getName());

    private final Conversation conversation;
    private @Nullable String name;

    ClaimedName(Conversation conversation) {
        this.conversation = conversation;
    }

    /// The server shows the user by this name.
    void onGiven(String given) {
        name = given;
    }

    void onOpened() {
        String wanted = name;
        if (wanted == null) {
            return;
        }
        claim(wanted, conversation.newBackoff());
    }

    private void claim(String wanted, Backoff tries) {
        conversation.ask(id -> ClientFrames.name(id, wanted), _ -> {}, failure -> {
            if (!(failure instanceof TopicStreamException.Refused refused)) {
                return;
            }
            if (!refused.isRetryable()) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "the name " + wanted + " is not this user's any more: " + failure.getMessage());
                return;
            }
            conversation.laterOnThisConnection(
                    () -> {
                        if (wanted.equals(name)) {
                            claim(wanted, tries);
                        }
                    },
                    tries);
        });
    }
}
