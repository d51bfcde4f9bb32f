package io.topicstream.command;

import io.topicstream.access.Authentication;
import io.topicstream.access.Authenticator;
import io.topicstream.access.Authenticators;
import io.topicstream.access.Credentials;
import io.topicstream.access.Identity;
import io.topicstream.protocol.ErrorCode;
import java.util.Objects;
import java.util.concurrent.CompletionStage;

/// Takes new credentials of the same user, so that a connection outlives a token. Thread-safe.
public final class AuthenticateCommand {
    private final Authenticator authenticator;

    public AuthenticateCommand(Authenticator authenticator) {
        this.authenticator = authenticator;
    }

    /// What the new credentials mean.
    public sealed interface Outcome {
        /// The same user: this identity takes the place of the old one.
        record Renewed(Identity identity) implements Outcome {}

        /// Somebody else: the connection must end (close code 4003).
        record AnotherUser() implements Outcome {}

        record Refused(ErrorCode code, String reason) implements Outcome {}
    }

    /// Checks them. The stage may complete on any thread, and does not fail.
    public CompletionStage<Outcome> run(Identity who, Credentials credentials) {
        return authenticator.authenticate(credentials).handle((found, failure) -> {
            if (failure != null) {
                return refused(Authenticators.UNKNOWABLE);
            }
            return switch (found) {
                case Authentication.Known known ->
                    Objects.equals(known.identity().user(), who.user()) && who.user() != null
                            ? new Outcome.Renewed(known.identity())
                            : new Outcome.AnotherUser();
                case Authentication.Refused refused -> refused(refused);
                case Authentication.NotMine ignored -> refused(Authenticators.WRONG);
            };
        });
    }

    private static Outcome refused(Authentication.Refused why) {
        return new Outcome.Refused(why.code(), why.reason());
    }
}
