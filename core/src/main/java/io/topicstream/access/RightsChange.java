package io.topicstream.access;

import io.topicstream.log.TopicName;

/// What has changed in who may still do what: what is to be looked at again.
public sealed interface RightsChange {
    /// A credential was revoked.
    ///
    /// @param id as in [Identity#credentialId]
    record OfCredential(String id) implements RightsChange {}

    /// A user was blocked, or is so no longer.
    record OfUser(String user) implements RightsChange {}

    /// All connections of a user are to end: who comes again shows a credential anew.
    record SignedOut(String user) implements RightsChange {}

    /// A room was deleted: nobody who listens to it may go on, and who comes again begins anew. It ends no connection.
    record OfRoom(TopicName room) implements RightsChange {}

    /// Anything: more has changed than is remembered, or nobody knows how much.
    record Any() implements RightsChange {}

    /// Whether the rights of this one may be others now.
    default boolean concerns(Identity who) {
        return switch (this) {
            case OfCredential(String id) -> id.equals(who.credentialId());
            case OfUser(String user) -> user.equals(who.user());
            case SignedOut(String user) -> user.equals(who.user());
            case OfRoom _ -> false;
            case Any() -> true;
        };
    }
}
