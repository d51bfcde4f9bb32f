package io.topicstream.access;

import io.topicstream.access.Authentication.Known;
import io.topicstream.access.Authentication.NotMine;
import io.topicstream.access.Authentication.Refused;
import io.topicstream.protocol.ErrorCode;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// The chain of all authenticators of a server: each is asked in turn until one knows the caller or
/// refuses it. Answers [Known] or [Refused], never [NotMine], and its stage never fails.
///
/// The chain itself keeps the rules that none of its members could keep alone:
///
/// - two different keys or tokens at once are [ErrorCode#BAD_FRAME]: there is no telling whom the
///   caller means to be;
/// - what was presented and is wrong is [ErrorCode#UNAUTHENTICATED], with one text for everything
///   that can be wrong with it, and never becomes an anonymous connection: a client that lost its
///   rights must notice;
/// - an address that presented too many wrong ones is told [ErrorCode#RATE_LIMITED] at each further wrong
///   one. What it presents is looked at all the same: others may have the same address, and a right
///   credential is never refused for their wrong ones.
///
/// Thread-safe.
public final class Authenticators implements Authenticator {
    /// What was presented is not right; which part of it is not said.
    public static final Refused WRONG = new Refused(ErrorCode.UNAUTHENTICATED, "the credential is not valid");
    /// Nothing was presented, and callers are not let in without.
    public static final Refused MISSING = new Refused(
            ErrorCode.UNAUTHENTICATED,
            "a credential is needed: an API key (x-api-key) or a token (Authorization: Bearer)");
    static final Refused AMBIGUOUS = new Refused(ErrorCode.BAD_FRAME, "two different credentials at once; present one");
    static final Refused EXHAUSTED =
            new Refused(ErrorCode.RATE_LIMITED, "too many wrong credentials from this address; wait a minute");
    /// It could not be found out who the caller is.
    public static final Refused UNKNOWABLE =
            new Refused(ErrorCode.UNAVAILABLE, "credentials cannot be checked now; come again");

    private static final System.Logger LOG = System.getLogger(Authenticators.class.getName());

    private final List<Authenticator> chain;
    private final FailedCredentials failures;

    /// @param chain in the order in which they are asked: API keys, static tokens, tokens of issuers, anonymous last
    public Authenticators(List<Authenticator> chain, FailedCredentials failures) {
        this.chain = List.copyOf(chain);
        this.failures = failures;
    }

    @Override
    public CompletionStage<Authentication> authenticate(Credentials credentials) {
        if (credentials.isAmbiguous()) {
            return answer(AMBIGUOUS);
        }
        CompletionStage<Authentication> asked = ask(credentials, 0);
        if (isKnownNow(asked.toCompletableFuture())) {
            // The usual case, once for each request over HTTP: nothing is chained to what is known already.
            return asked;
        }
        return asked.thenApply(
                answer -> isWrong(credentials, answer) && failures.count(credentials.address()) ? EXHAUSTED : answer);
    }

    /// Who shows no key and no token may still have shown what one of the chain finds wrong.
    private static boolean isWrong(Credentials credentials, Authentication answer) {
        return answer.equals(WRONG)
                || (credentials.isPresented()
                        && answer instanceof Refused refused
                        && refused.code() == ErrorCode.UNAUTHENTICATED);
    }

    private static boolean isKnownNow(CompletableFuture<Authentication> asked) {
        return asked.isDone() && !asked.isCompletedExceptionally() && asked.join() instanceof Known;
    }

    private CompletionStage<Authentication> ask(Credentials credentials, int from) {
        if (from == chain.size()) {
            return answer(credentials.isPresented() ? WRONG : MISSING);
        }
        CompletionStage<Authentication> asked;
        try {
            asked = chain.get(from).authenticate(credentials);
        } catch (RuntimeException e) {
            asked = CompletableFuture.failedFuture(e);
        }
        CompletableFuture<Authentication> now = asked.toCompletableFuture();
        if (now.isDone() && !now.isCompletedExceptionally()) {
            return now.join() instanceof NotMine ? ask(credentials, from + 1) : asked;
        }
        return asked.exceptionally(failure -> {
                    LOG.log(System.Logger.Level.WARNING, "credentials could not be checked", failure);
                    return UNKNOWABLE;
                })
                .thenCompose(answer -> switch (answer) {
                    case NotMine() -> ask(credentials, from + 1);
                    case Known known -> answer(known);
                    case Refused refused -> answer(refused);
                });
    }

    private static CompletionStage<Authentication> answer(Authentication answer) {
        return CompletableFuture.completedFuture(answer);
    }
}
