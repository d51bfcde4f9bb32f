package io.topicstream.server.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.channel.EventLoop;
import io.topicstream.connection.Connections;
import io.topicstream.connection.Connections.Answer;
import io.topicstream.connection.Connections.Outcome;
import io.topicstream.gateway.Gateway;
import io.topicstream.gateway.GatewaySettings;
import io.topicstream.gateway.GatewayStage;
import io.topicstream.gateway.signature.SignatureCheck;
import io.topicstream.gateway.signature.SignedRequest;
import io.topicstream.transport.HttpExchange;
import io.topicstream.transport.HttpHandler;
import io.topicstream.transport.RequestHead;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The callback API `/{stage}/@connections/{id}` of API Gateway: posts to a connection, describes it, ends it; in
/// front of what serves all other requests. May be shared by all loops.
///
/// SDKs know an error by its status and the header `x-amzn-ErrorType`, so these are as API Gateway's, and so is
/// what is missing: a gone connection has no body, a post that is too long has neither type nor id.
final class CallbackApi implements HttpHandler {
    private static final String MARK = "@connections";
    /// More of a body than may be posted is read, so that the connection can be kept.
    private static final int TOLERATED_BYTES = 64 * 1024;

    private static final byte[] NOTHING = {};
    private static final int FORBIDDEN = 403;
    private static final String MISSING_TOKEN = "MissingAuthenticationTokenException";

    private final Gateway gateway;
    private final Connections connections;
    private final Surroundings around;
    private final GatewaySettings settings;
    private final @Nullable SignatureCheck signatures;
    private final AnswerFields fields;

    /// What stands around the callback API in a server.
    ///
    /// @param others answers all other requests
    /// @param rules what the server says of requests
    /// @param isScoped whether a stage's callers may reach connections of its API alone: asked for each call
    /// @param flush sends what was written to connections on a loop, to be called on it
    record Surroundings(HttpHandler others, ServerRules rules, BooleanSupplier isScoped, Consumer<EventLoop> flush) {}

    /// @param signatures says who called, or null: everybody may
    CallbackApi(
            Gateway gateway,
            Connections connections,
            Surroundings around,
            GatewaySettings settings,
            @Nullable SignatureCheck signatures,
            AnswerFields fields) {
        this.gateway = gateway;
        this.connections = connections;
        this.around = around;
        this.settings = settings;
        this.signatures = signatures;
        this.fields = fields;
    }

    /// A call, taken apart.
    ///
    /// @param stagePath what stands before the mark
    /// @param id of a connection, or null where there is none, or too much
    private record Call(List<String> stagePath, @Nullable String id) {}

    private static @Nullable Call call(RequestHead head) {
        if (!head.rawPath().contains("connections")) {
            return null;
        }
        List<String> segments = head.segments();
        int mark = segments.lastIndexOf(MARK);
        if (mark < 0) {
            return null;
        }
        // SDKs may be given an endpoint with a slash at its end.
        List<String> stagePath = segments.subList(0, mark).stream()
                .filter(segment -> !segment.isEmpty())
                .toList();
        List<String> rest = segments.subList(mark + 1, segments.size());
        boolean isOne = (rest.size() == 1 || (rest.size() == 2 && rest.getLast().isEmpty()))
                && !rest.getFirst().isEmpty();
        return new Call(stagePath, isOne ? rest.getFirst() : null);
    }

    // ---- HttpHandler

    @Override
    public void handle(HttpExchange exchange) {
        Call call = call(exchange.head());
        if (call != null) {
            answer(call, exchange);
            around.flush().accept(exchange.eventLoop());
        } else if (!answersForStage(exchange)) {
            around.others().handle(exchange);
        }
    }

    @Override
    public void accept(HttpExchange exchange) {
        if (call(exchange.head()) == null) {
            if (!answersForStage(exchange)) {
                around.others().accept(exchange);
            }
        } else if (length(exchange.head()) > mostTaken()) {
            answerTooLong(exchange);
        } else {
            exchange.takeBody(mostTaken());
        }
    }

    @Override
    public boolean judgesLongBodies(RequestHead head) {
        return call(head) != null || around.others().judgesLongBodies(head);
    }

    @Override
    public boolean answersTooLong(HttpExchange exchange) {
        if (call(exchange.head()) == null) {
            return around.others().answersTooLong(exchange);
        }
        answerTooLong(exchange);
        return true;
    }

    @Override
    public boolean isProbe(RequestHead head) {
        return around.others().isProbe(head);
    }

    private int mostTaken() {
        return settings.limits().maxPostBytes() + TOLERATED_BYTES;
    }

    /// As the head says, in bytes; 0 where it does not.
    private static long length(RequestHead head) {
        String length = head.header("Content-Length");
        // The transport has read it as a number.
        return length == null ? 0 : Long.parseLong(length);
    }

    /// Answers what is no callback but for the gateway alone: a stage wants an upgrade, and under the names of API
    /// Gateway's hosts there is nothing else.
    ///
    /// @return false if the request is for others
    private boolean answersForStage(HttpExchange exchange) {
        RequestHead head = exchange.head();
        if (around.rules().isOwnPath(head)) {
            return false;
        }
        if (gateway.stageAt(head.host(), head.segments()) != null) {
            int status = settings.sockets().plainRequestStatus();
            Map<String, String> all = fields.ofAnswer();
            if (status == 426) {
                all.put("Upgrade", "websocket");
            }
            exchange.respond(
                    status, AnswerFields.JSON, all, message(settings.sockets().plainRequestText()));
            return true;
        }
        if (around.rules().isGatewayHost(head.host())) {
            exchange.respond(
                    FORBIDDEN,
                    AnswerFields.JSON,
                    fields.ofError(AnswerFields.FORBIDDEN_EXCEPTION),
                    AnswerFields.FORBIDDEN);
            return true;
        }
        return false;
    }

    // ---- calls

    private void answer(Call call, HttpExchange exchange) {
        RequestHead head = exchange.head();
        @Nullable GatewayStage stage = gateway.stageAt(head.host(), call.stagePath());
        if ((stage == null && !around.rules().isStageOfOthers(call.stagePath(), head.host()))
                || (signatures == null && around.rules().isForeignPage(head))) {
            refuse(exchange, FORBIDDEN, AnswerFields.FORBIDDEN_EXCEPTION, AnswerFields.FORBIDDEN);
        } else if (exchange.body().length > settings.limits().maxPostBytes()) {
            answerTooLong(exchange);
        } else if (isAllowed(stage, call, exchange)) {
            if (call.id() == null) {
                refuse(exchange, FORBIDDEN, MISSING_TOKEN, message(SignatureCheck.Outcome.Missing.MESSAGE));
            } else if (stage != null && !stage.takeCallback()) {
                refuse(exchange, 429, "LimitExceededException", message("Too Many Requests"));
            } else {
                ask(stage, call.id(), exchange);
            }
        }
    }

    /// Refuses who may not call.
    private boolean isAllowed(@Nullable GatewayStage stage, Call call, HttpExchange exchange) {
        if (signatures == null) {
            return true;
        }
        RequestHead head = exchange.head();
        SignedRequest request =
                new SignedRequest(head.method(), head.rawPath(), head.rawQuery(), head.headers(), exchange.body());
        String resource = stage != null
                ? stage.callbackArn(head.method())
                : "arn:aws:execute-api:" + settings.region() + ":" + settings.account() + ":native/"
                        + String.join("/", call.stagePath()) + "/" + head.method() + "/@connections/{connectionId}";
        return switch (signatures.check(request, SignatureCheck.MANAGE_CONNECTIONS, resource)) {
            case SignatureCheck.Outcome.Ok _ -> true;
            case SignatureCheck.Outcome.Missing _ -> {
                refuse(exchange, FORBIDDEN, MISSING_TOKEN, message(SignatureCheck.Outcome.Missing.MESSAGE));
                yield false;
            }
            case SignatureCheck.Outcome.Bad(String type, String text) -> {
                refuse(exchange, FORBIDDEN, type, message(text));
                yield false;
            }
            case SignatureCheck.Outcome.Denied(var _, String text) -> {
                refuse(exchange, FORBIDDEN, "AccessDeniedException", member("Message", text));
                yield false;
            }
        };
    }

    private void ask(@Nullable GatewayStage stage, String id, HttpExchange exchange) {
        String scope = stage == null ? "" : stage.apiId();
        switch (exchange.head().method()) {
            case "POST" -> {
                byte[] message = exchange.body();
                within(scope, id, () -> connections.post(id, message), exchange, _ -> {
                    if (stage != null) {
                        stage.posted();
                    }
                    exchange.respond(200, AnswerFields.JSON, fields.ofAnswer(), NOTHING);
                });
            }
            case "GET" ->
                within(scope, id, () -> connections.describe(id), exchange, answer -> {
                    if (answer.info() == null) {
                        fail(exchange, id, Outcome.UNREACHABLE);
                    } else {
                        exchange.respond(
                                200,
                                AnswerFields.JSON,
                                fields.ofAnswer(),
                                Description.of(
                                        answer.info(), settings.callbacks().absentUserAgentIsNull()));
                    }
                });
            case "DELETE" ->
                within(
                        scope,
                        id,
                        () -> connections.close(id, GatewayConnection.DELETED, GatewayConnection.DELETED_TEXT),
                        exchange,
                        _ -> exchange.respond(204, null, fields.ofAnswer(), NOTHING));
            default ->
                refuse(
                        exchange,
                        settings.callbacks().otherMethodStatus(),
                        MISSING_TOKEN,
                        message(SignatureCheck.Outcome.Missing.MESSAGE));
        }
    }

    /// What is done when it was done.
    private interface Done {
        void with(Answer answer);
    }

    /// Asks for something of a connection, if it is one that this stage's callers may reach.
    private void within(
            String scope, String id, Supplier<CompletionStage<Answer>> question, HttpExchange exchange, Done done) {
        if (!around.isScoped().getAsBoolean()) {
            answerWith(question.get(), id, exchange, done);
            return;
        }
        answerWith(connections.describe(id), id, exchange, described -> {
            if (described.info() != null && !described.info().scope().equals(scope)) {
                refuse(exchange, FORBIDDEN, AnswerFields.FORBIDDEN_EXCEPTION, AnswerFields.FORBIDDEN);
            } else {
                answerWith(question.get(), id, exchange, done);
            }
        });
    }

    private void answerWith(CompletionStage<Answer> stage, String id, HttpExchange exchange, Done done) {
        CompletableFuture<Answer> asked = stage.toCompletableFuture();
        var _ = asked.whenComplete((answer, _) -> {
            if (answer != null && answer.outcome() == Outcome.DONE) {
                done.with(answer);
            } else {
                fail(exchange, id, answer == null ? Outcome.UNREACHABLE : answer.outcome());
            }
        });
    }

    private void fail(HttpExchange exchange, String id, Outcome outcome) {
        switch (outcome) {
            case GONE -> refuse(exchange, 410, "GoneException", NOTHING);
            case UNKNOWN -> refuse(exchange, 400, "BadRequestException", message("Invalid connectionId: " + id));
            case BUSY -> refuse(exchange, 429, "LimitExceededException", message("Too Many Requests"));
            case UNREACHABLE, DONE ->
                refuse(exchange, 500, "InternalServerErrorException", message("Internal server error"));
        }
    }

    private void answerTooLong(HttpExchange exchange) {
        exchange.respond(
                413,
                null,
                settings.callbacks().tooLongIsNamed() ? fields.ofError("PayloadTooLargeException") : Map.of(),
                NOTHING);
    }

    private void refuse(HttpExchange exchange, int status, String type, byte[] body) {
        exchange.respond(status, AnswerFields.JSON, fields.ofError(type), body);
    }

    private static byte[] message(String text) {
        return member("message", text);
    }

    private static byte[] member(String name, String text) {
        return ("{\"" + name + "\":" + Description.quoted(text) + "}").getBytes(UTF_8);
    }
}
