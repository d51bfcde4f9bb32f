package io.topicstream.command;

import io.topicstream.access.Authentication;
import io.topicstream.access.Authenticator;
import io.topicstream.access.Authenticators;
import io.topicstream.access.Credentials;
import io.topicstream.access.Identity;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Takes new credentials of the same user, so that a connection outlives a token. Thread-safe.
public final class AuthenticateCommand {
    private final Authenticator authenticator;

    AuthenticateCommand(Authenticator authenticator) {
        this.authenticator = authenticator;
    }

    /// Who the new credentials stand for.
    public sealed interface Outcome {
        /// The same user: this identity takes the place of the old one.
        record Renewed(Identity identity) implements Outcome {}

        /// Somebody else: the connection must end (close code 4003).
        record AnotherUser() implements Outcome {}
    }

    /// Checks them.
    CompletionStage<Result<Outcome>> run(Caller caller, Credentials credentials) {
        String user = caller.identity().user();
        return authenticator
                .authenticate(credentials)
                .handle((found, failure) ->
                        failure == null ? outcome(user, found) : refused(Authenticators.UNKNOWABLE));
    }

    private static Result<Outcome> outcome(@Nullable String user, Authentication found) {
        return switch (found) {
            case Authentication.Known(Identity who) ->
                new Result.Success<>(
                        user != null && user.equals(who.user()) ? new Outcome.Renewed(who) : new Outcome.AnotherUser());
            case Authentication.Refused refused -> refused(refused);
            case Authentication.NotMine() -> refused(Authenticators.WRONG);
        };
    }

    private static Result<Outcome> refused(Authentication.Refused why) {
        return new Result.Refused<>(new Refusal(why.code(), why.reason(), null));
    }
}
