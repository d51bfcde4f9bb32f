package io.topicstream.people;

import java.util.concurrent.CompletionStage;

/// A place where something is kept of users. What is shown of it and what is deleted from it stand side
/// by side, so that an export shows what an erasure takes.
///
/// Both complete when they are done, on a thread of the engine.
interface UserPlace {
    /// Writes down what is kept here of a user.
    CompletionStage<?> show(String user, UserLines out);

    /// Deletes it. Doing it again must do no harm.
    CompletionStage<?> forget(String user);
}
