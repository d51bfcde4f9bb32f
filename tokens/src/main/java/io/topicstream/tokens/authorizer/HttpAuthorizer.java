package io.topicstream.tokens.authorizer;

import io.topicstream.access.Authentication;
import io.topicstream.access.Authentication.Known;
import io.topicstream.access.Authentication.Refused;
import io.topicstream.access.Authenticator;
import io.topicstream.access.Authenticators;
import io.topicstream.access.Credentials;
import io.topicstream.access.RightsChange;
import io.topicstream.gateway.http.AnswerTooLargeException;
import io.topicstream.gateway.http.CallBounds;
import io.topicstream.gateway.http.HttpAnswer;
import io.topicstream.gateway.http.HttpCall;
import io.topicstream.gateway.http.HttpCallLimits;
import io.topicstream.gateway.http.HttpCaller;
import io.topicstream.gateway.http.HttpCalls;
import io.topicstream.gateway.http.TooManyCallsException;
import io.topicstream.log.LogLimit;
import io.topicstream.protocol.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// Asks an operator's own HTTP service who a caller is. Stands in the chain behind what the server knows itself, and
/// before those who show nothing.
///
/// It is asked about callers that show a key or token which is not of this server's own form, or one of the header
/// fields and query parameters that it is told. Others are none of its callers.
///
/// Only the configured address is ever called; nothing that a caller sends has a part in it. What a
/// caller sends stands in the body, as JSON. Redirects are not followed, and count as no answer. An
/// answer that says who the caller is is kept for as long as it says, at most as long as the setting
/// allows, under all that the service was told but the caller's address. Refusals are not kept. Equal
/// questions at the same time, the address among them, are asked once: a service that judges by it says
/// of one caller nothing about another.
///
/// Nobody's failure is another's: a question that gets no answer in time, or one that cannot be understood, ends
/// with [Authenticators#UNKNOWABLE] for those who asked it. Thread-safe; does not block.
public final class HttpAuthorizer implements Authenticator, AutoCloseable {
    /// The largest answer.
    static final int MAX_ANSWER_BYTES = 64 << 10;
    /// The largest question: what is longer is no credential of anybody's.
    static final int MAX_QUESTION_BYTES = 64 << 10;

    private static final System.Logger LOG = System.getLogger(HttpAuthorizer.class.getName());
    private static final String FAILED = "authorizer-failed";
    private static final String TARGET = "the authorizer";
    private static final CompletionStage<Authentication> NOT_MINE =
            CompletableFuture.completedFuture(Authentication.NOT_MINE);
    private static final Map<String, List<String>> HEADERS = Map.of(
            "Content-Type", List.of("application/json"),
            "Accept", List.of("application/json"),
            "User-Agent", List.of("TopicStream"));
    private static final Refused FORBIDDEN = new Refused(ErrorCode.FORBIDDEN, "this caller is not let in");

    private final AuthorizerSettings settings;
    private final HttpAuthorizerAnswers answers;
    private final HttpCaller caller;
    private final HttpCalls.Prepared question;
    private final InstantSource clock;
    private final LogLimit lines;
    private final HttpAuthorizerCache cache = new HttpAuthorizerCache();
    /// No more than there are calls.
    private final ConcurrentHashMap<String, CompletableFuture<Authentication>> underWay = new ConcurrentHashMap<>();

    private final Map<Found, LongAdder> counts = new EnumMap<>(Found.class);

    /// What comes of a question.
    public enum Found {
        /// The service says who it is.
        KNOWN,
        /// It is known from an answer before; the service is not asked.
        KEPT,
        /// The service refuses the caller.
        REFUSED,
        /// There is no answer that could be used.
        NOTHING;

        /// The name for whom it is told outside.
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// @param settings where and how the service is asked
    /// @param clock the time of day
    public HttpAuthorizer(AuthorizerSettings settings, InstantSource clock) {
        for (Found found : Found.values()) {
            counts.put(found, new LongAdder());
        }
        this.settings = settings;
        this.answers = new HttpAuthorizerAnswers(settings);
        this.clock = clock;
        this.lines = new LogLimit(clock);
        this.caller = new HttpCaller(new CallBounds(new HttpCallLimits(
                settings.calls(), settings.calls(), MAX_ANSWER_BYTES, (long) settings.calls() * MAX_ANSWER_BYTES)));
        this.question = caller.prepare(new HttpCall("POST", settings.url(), HEADERS), TARGET, null, settings.timeout());
    }

    @Override
    public CompletionStage<Authentication> authenticate(Credentials credentials) {
        HttpAuthorizerQuestion asking = HttpAuthorizerQuestion.of(credentials, settings);
        if (asking == null || asking.body().length > MAX_QUESTION_BYTES) {
            return NOT_MINE;
        }
        String asked = hash(asking.body(), asking.withoutAddressFrom());
        Known known = cache.get(asked, clock.millis());
        if (known == null) {
            return askOnce(asked, asking.body());
        }
        count(Found.KEPT);
        return CompletableFuture.completedFuture(known);
    }

    private void count(Found found) {
        counter(found).increment();
    }

    /// How often that was found.
    public long found(Found found) {
        return counter(found).sum();
    }

    private LongAdder counter(Found found) {
        return Objects.requireNonNull(counts.get(found));
    }

    private CompletionStage<Authentication> askOnce(String asked, byte[] body) {
        CompletableFuture<Authentication> mine = new CompletableFuture<>();
        String withAddress = hash(body, 0);
        CompletableFuture<Authentication> others = underWay.putIfAbsent(withAddress, mine);
        if (others != null) {
            return others;
        }
        // It may have been answered between the two looks.
        Known known = cache.get(asked, clock.millis());
        if (known != null) {
            underWay.remove(withAddress);
            mine.complete(known);
            return mine;
        }
        long askedAtMs = clock.millis();
        long asOf = cache.forgotten();
        var _ = send(body).handle((answer, failure) -> {
            Authentication found = Authenticators.UNKNOWABLE;
            try {
                found = judge(asked, answer, failure, asOf, askedAtMs);
            } finally {
                underWay.remove(withAddress);
                mine.complete(found);
            }
            return found;
        });
        return mine;
    }

    private CompletableFuture<HttpAnswer> send(byte[] body) {
        try {
            return question.send(Map.of(), body);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private Authentication judge(
            String asked, @Nullable HttpAnswer answer, @Nullable Throwable failure, long asOf, long askedAtMs) {
        if (answer == null) {
            return unknowable(failure == null ? "there was no answer" : why(failure));
        }
        return switch (answer.status()) {
            case 200 -> known(asked, answer.body(), asOf, askedAtMs);
            case 401, 403 -> {
                count(Found.REFUSED);
                yield answer.status() == 401 ? Authenticators.WRONG : FORBIDDEN;
            }
            default -> unknowable("it answered with status " + answer.status());
        };
    }

    private Authentication known(String asked, byte[] body, long asOf, long askedAtMs) {
        HttpAuthorizerAnswers.Answer answer;
        try {
            answer = answers.read(body, askedAtMs);
        } catch (IllegalArgumentException e) {
            return unknowable("its answer cannot be understood: " + e.getMessage());
        }
        count(Found.KNOWN);
        Known known = new Known(answer.identity());
        if (answer.keptUntilMs() > askedAtMs) {
            cache.put(asked, known, body.length, asOf, askedAtMs, answer.keptUntilMs());
        }
        return known;
    }

    private static String why(Throwable failure) {
        @Nullable Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return switch (cause) {
            case null -> "it could not be asked";
            case TimeoutException _ -> "it did not answer in time";
            case TooManyCallsException _ -> "too many questions are under way";
            case AnswerTooLargeException _ -> "its answer is too large";
            default -> "it could not be asked: " + cause;
        };
    }

    private Authentication unknowable(String why) {
        count(Found.NOTHING);
        if (lines.permits(FAILED)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the authorizer (access.authorizer.url) did not say who a caller is: {0} ({1} more since the last"
                            + " such line); such callers get 503",
                    why,
                    Long.toString(lines.heldBack(FAILED)));
        }
        return Authenticators.UNKNOWABLE;
    }

    /// What was asked, as a key: nobody can find out a token from it, nor make two questions that have
    /// the same.
    private static String hash(byte[] body, int from) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(body, from, body.length - from);
            return new String(sha256.digest(), StandardCharsets.ISO_8859_1);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /// A user was signed out: the service is asked again who its bearer is, and may refuse.
    public void onRightsChanged(RightsChange change) {
        switch (change) {
            case RightsChange.SignedOut(String user) -> cache.forget(who -> user.equals(who.user()));
            case RightsChange.Any() -> cache.forget(_ -> true);
            // Who is blocked is refused whatever is answered, what was revoked is not of the service, and a
            // room is nobody's right.
            case RightsChange.OfUser _, RightsChange.OfCredential _, RightsChange.OfRoom _ -> {}
        }
    }

    /// How many answers are kept.
    int cached() {
        return cache.size();
    }

    /// How many questions are under way.
    int underWay() {
        return underWay.size();
    }

    /// Asks no more. Questions that are under way get no answer.
    @Override
    public void close() {
        caller.close();
    }
}
