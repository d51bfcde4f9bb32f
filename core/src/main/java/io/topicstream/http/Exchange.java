package io.topicstream.http;

import io.topicstream.access.Credentials;
import io.topicstream.access.Identity;
import io.topicstream.command.Caller;
import io.topicstream.command.Quota;
import io.topicstream.command.Refusal;
import io.topicstream.command.Result;
import io.topicstream.log.Lane;
import io.topicstream.protocol.ErrorCode;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One request and the place for its one answer, without a network: a door makes one of what it is asked.
///
/// It is its own [Caller]: one answer, and nothing else comes back to it.
///
/// Belongs to the thread of its [HttpLane]. It is answered there, now or later, exactly once; a second answer is an
/// [IllegalStateException].
public abstract class Exchange implements Caller {
    /// The name of the stage. The id of a connection is longer, so nameless callers share no message ids with one.
    private static final String STAGE = "http";

    private final HttpLane lane;
    private @Nullable Route route;
    private int pathFrom;
    private @Nullable Identity who;
    private boolean isCounted;

    protected Exchange(HttpLane lane) {
        this.lane = lane;
    }

    // ---- what is asked

    /// One of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS. HEAD is answered as GET; the door leaves the body out.
    public abstract String method();

    /// What stands between the slashes of the path, each percent-decoded once. `/` has one empty segment, a trailing
    /// slash makes an empty last one; the `*` of `OPTIONS *` has none.
    public abstract List<String> segments();

    /// The first value of a query parameter.
    public abstract @Nullable String query(String name);

    /// All query parameters in their order, decoded.
    public abstract Map<String, List<String>> query();

    /// The first value of a header field, in any case of its name.
    public abstract @Nullable String header(String name);

    /// All values of a header field.
    public abstract List<String> headers(String name);

    /// The host that the client asked for.
    public abstract @Nullable String host();

    /// The whole body, without a content coding; empty if there is none, or if it is still to come. The array is the
    /// receiver's to keep.
    public abstract byte[] body();

    /// Whether the body is well-formed UTF-8.
    public abstract boolean isBodyUtf8();

    // ---- who asks

    /// Everything that the request shows of its caller, right or wrong; collected anew at each call.
    public abstract Credentials credentials();

    /// Says who the caller is, once that is known.
    public final void callAs(Identity caller) {
        who = caller;
        onCaller(caller);
    }

    /// The caller is known: for those who watch the door.
    protected abstract void onCaller(Identity caller);

    /// The caller of a route for known callers.
    @Override
    public final Identity identity() {
        Identity known = who;
        if (known == null) {
            throw new IllegalStateException("nobody said who calls");
        }
        return known;
    }

    /// None: a repeat may come on another connection, so that of the request would name nobody.
    @Override
    public final @Nullable String connectionId() {
        return null;
    }

    @Override
    public final @Nullable String origin() {
        return null;
    }

    @Override
    public final String stage() {
        return STAGE;
    }

    /// One request is counted once, however many commands it takes.
    @Override
    @SuppressWarnings("ReferenceEquality") // It is one object.
    public final Quota quota() {
        return isCounted || lane.quota == Quota.UNLIMITED ? Quota.UNLIMITED : this::count;
    }

    private boolean count(Caller caller, int payloadBytes) {
        isCounted = lane.quota.take(caller, payloadBytes);
        return isCounted;
    }

    @Override
    public InetAddress address() {
        return credentials().address();
    }

    @Override
    public final Lane answerLane() {
        return lane.lane;
    }

    // ---- how it goes on

    /// What the requests of this exchange's thread share.
    public final HttpLane lane() {
        return lane;
    }

    /// Has the body read, which is then handled; for an exchange of [Routes#accept].
    ///
    /// @param mostBytes of it, as it comes; more are refused with 413
    public abstract void takeBody(int mostBytes);

    /// Goes on with the exchange on its thread when the stage is complete, at once if it is already, or when that has
    /// taken too long. One of the two arguments of `then` is null.
    public final <T> void whenComplete(CompletionStage<T> stage, BiConsumer<@Nullable T, @Nullable Throwable> then) {
        lane.whenComplete(this, stage, then);
    }

    /// Goes on as [#whenComplete] does when something has been changed, and keeps back until then what comes
    /// behind this request on the same connection: that must not pass the change, nor see what was before it.
    public final <T> void whenChanged(CompletionStage<T> stage, BiConsumer<@Nullable T, @Nullable Throwable> then) {
        hold();
        whenComplete(stage, (value, failure) -> {
            try {
                then.accept(value, failure);
            } finally {
                release();
            }
        });
    }

    /// Goes on as [#whenComplete] does with what a command answers; where it is refused, or does not come, that is the
    /// answer of the exchange.
    final <T> void whenSuccessful(CompletionStage<Result<T>> stage, Consumer<? super T> then) {
        whenComplete(stage, (result, _) -> goOn(result, then));
    }

    /// Goes on as [#whenSuccessful] does, with a command that changes something: as [#whenChanged].
    final <T> void whenSuccessfullyChanged(CompletionStage<Result<T>> stage, Consumer<? super T> then) {
        whenChanged(stage, (result, _) -> goOn(result, then));
    }

    private <T> void goOn(@Nullable Result<T> result, Consumer<? super T> then) {
        switch (result) {
            case Result.Success<T>(T value) -> then.accept(value);
            case Result.Refused<T>(Refusal refusal) -> refuse(refusal);
            case null -> refuse(Refusal.unavailable());
        }
    }

    /// Keeps what comes behind this request on the same connection back until [#release]: nothing of it is handled.
    /// Where it is held more than once, each is to be released.
    public abstract void hold();

    /// Ends one [#hold].
    public abstract void release();

    /// Takes room for a large answer before it is made; the answer gives it back. At most once.
    ///
    /// @param least what will do where there is little room
    /// @return `bytes` or `least`: how large the answer may be; or 0: the answer must be a refusal
    public abstract int reserve(int bytes, int least);

    // ---- the answer

    /// Whether there is an answer already.
    public abstract boolean isAnswered();

    /// Answers with JSON, for answers that are made often: both arrays are copied before this returns, or sent.
    ///
    /// @param fields encoded header lines, each with the CRLF that ends it; `Content-Type` is not among them
    public abstract void answerJson(int status, byte[] fields, int fieldsLength, byte[] json, int jsonLength);

    /// Answers with a body, which must not change afterwards.
    ///
    /// @param contentType null where there is no body
    public abstract void answer(int status, @Nullable String contentType, Map<String, String> fields, byte[] body);

    /// Answers with a body that comes piece by piece, and may be of any length.
    public abstract void answerStream(
            int status, String contentType, Map<String, String> fields, StreamedAnswer answer);

    /// Answers with an error that a page of any origin may read.
    public final void refuse(ErrorCode code, String reason) {
        lane.answer().refuse(this, code, reason);
    }

    /// Answers with what a command refused.
    public final void refuse(Refusal refusal) {
        lane.answer().refuse(this, refusal);
    }

    /// Answers with an error that no page of another origin may read.
    public final void refusePrivately(ErrorCode code, String reason) {
        lane.answer().refusePrivately(this, code, reason);
    }

    /// Answers with a refusal that no page of another origin may read.
    public final void refusePrivately(Refusal refusal) {
        refusePrivately(refusal.code(), refusal.reason());
    }

    /// Refuses a request with a parameter that is not known, privately: one that is misspelt must not mean
    /// something else.
    ///
    /// @return whether it was refused
    public final boolean refusesParametersBut(String... known) {
        for (String parameter : query().keySet()) {
            if (!List.of(known).contains(parameter)) {
                refusePrivately(
                        ErrorCode.BAD_FRAME,
                        "there is no parameter \"" + parameter + "\""
                                + (known.length == 0 ? "" : "; there is \"" + String.join("\", \"", known) + "\""));
                return true;
            }
        }
        return false;
    }

    // ---- the route

    /// A route was found for the request.
    void routeTo(Route found, int from) {
        route = found;
        pathFrom = from;
    }

    Route route() {
        Route found = route;
        if (found == null) {
            throw new IllegalStateException("no route was found for this request");
        }
        return found;
    }

    /// What stands in the path where the route has this parameter.
    ///
    /// @throws IllegalArgumentException if the route has none of this name
    public final String parameter(String name) {
        return segments().get(pathFrom + route().place(name));
    }
}
