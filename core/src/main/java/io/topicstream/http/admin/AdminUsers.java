package io.topicstream.http.admin;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.access.BlockedUser;
import io.topicstream.access.EndedRights;
import io.topicstream.access.Expiry;
import io.topicstream.access.Identity;
import io.topicstream.access.TokenIds;
import io.topicstream.command.Refusal;
import io.topicstream.http.Access;
import io.topicstream.http.AnswerWriter;
import io.topicstream.http.Exchange;
import io.topicstream.http.Route;
import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonWriter;
import io.topicstream.protocol.ErrorCode;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The routes under `/admin/users`: block a user, take that back, list those who are blocked, sign a user out; and the
/// one by which a token is revoked that somebody else has issued. What is not known in a
/// request is refused, as under `/admin/keys`. For the administrator.
public final class AdminUsers {
    private static final System.Logger LOG = System.getLogger(AdminUsers.class.getName());

    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_LIMIT = 1_000;
    private static final String USER_PARAMETER = "user";
    private static final String LIMIT_PARAMETER = "limit";
    private static final String START_AFTER_PARAMETER = "start_after";

    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member REASON = MEMBERS.add("reason");
    private static final JsonObjectReader.Member UNTIL = MEMBERS.add("until");

    private static final JsonObjectReader.Builder TOKEN_MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member CREDENTIAL_ID = TOKEN_MEMBERS.add("credential_id");
    private static final JsonObjectReader.Member ISSUER = TOKEN_MEMBERS.add("issuer");
    private static final JsonObjectReader.Member JTI = TOKEN_MEMBERS.add("jti");
    private static final JsonObjectReader.Member TOKEN_UNTIL = TOKEN_MEMBERS.add("until");

    private static final byte[] USERS = ascii("{\"users\":[");
    private static final byte[] USER = ascii("{\"user\":");
    private static final byte[] BLOCKED_AT = ascii(",\"blocked_at\":");
    private static final byte[] UNTIL_MEMBER = ascii(",\"until\":");
    private static final byte[] REASON_MEMBER = ascii(",\"reason\":");
    private static final byte[] UNBLOCKED = ascii(",\"unblocked\":true}");
    private static final byte[] SIGNED_OUT_AT = ascii(",\"signed_out_at\":");
    private static final byte[] CREDENTIAL = ascii("{\"credential_id\":");
    private static final byte[] REVOKED = ascii(",\"revoked\":true}");
    private static final byte[] NEXT = ascii(",\"next\":");

    private final EndedRights rights;
    private final InstantSource clock;

    public AdminUsers(EndedRights rights, InstantSource clock) {
        this.rights = rights;
        this.clock = clock;
    }

    /// The routes.
    public List<Route> routes() {
        return List.of(
                new Route("PUT", "/admin/users/{user}/block", Access.ADMIN, this::block),
                new Route("DELETE", "/admin/users/{user}/block", Access.ADMIN, this::unblock),
                new Route("GET", "/admin/users/blocked", Access.ADMIN, this::list),
                new Route("PUT", "/admin/users/{user}/sign-out", Access.ADMIN, this::signOut),
                new Route("POST", "/admin/tokens/revoke", Access.ADMIN, this::revokeToken));
    }

    /// `PUT /admin/users/{user}/block`, with nothing or with `{"reason"?, "until"?}`
    private void block(Exchange exchange) {
        if (exchange.refusesParametersBut()) {
            return;
        }
        CompletionStage<Optional<BlockedUser>> asked;
        try {
            byte[] body = exchange.body();
            asked = body.length == 0
                    ? block(exchange, null)
                    : block(exchange, members(MEMBERS.build(), "a block", exchange, body));
        } catch (IllegalArgumentException e) {
            refuse(exchange, String.valueOf(e.getMessage()));
            return;
        }
        exchange.whenChanged(asked, (made, failure) -> {
            if (made == null) {
                exchange.refusePrivately(Refusal.unavailable());
            } else if (made.isEmpty()) {
                exchange.refusePrivately(
                        ErrorCode.LIMIT_EXCEEDED, "no more than " + EndedRights.MAX_BLOCKED + " users can be blocked");
            } else {
                BlockedUser block = made.get();
                said(exchange, "user blocked: " + block.user());
                AnswerWriter answer = exchange.lane().answer().beginPrivate();
                write(answer.body(), block);
                answer.send(exchange, 200);
            }
        });
    }

    private static JsonObjectReader members(JsonObjectReader reader, String what, Exchange exchange, byte[] body) {
        if (!exchange.isBodyUtf8() || !reader.read(body, 0, body.length)) {
            String problem = reader.problem();
            throw new IllegalArgumentException(
                    "the body is a JSON object: " + (problem == null ? "not UTF-8" : problem));
        }
        for (String name : reader.otherNames()) {
            throw new IllegalArgumentException(what + " has no \"" + name + "\"");
        }
        return reader;
    }

    private CompletionStage<Optional<BlockedUser>> block(Exchange exchange, @Nullable JsonObjectReader members) {
        String reason = null;
        long untilMs = Identity.NEVER;
        if (members != null && members.has(REASON)) {
            reason = members.string(REASON);
            if (reason == null) {
                throw new IllegalArgumentException("\"reason\" is a text");
            }
        }
        if (members != null) {
            untilMs = until(members, UNTIL, "a block");
        }
        return rights.block(exchange.parameter(USER_PARAMETER), untilMs, reason);
    }

    /// `DELETE /admin/users/{user}/block`
    private void unblock(Exchange exchange) {
        String user = exchange.parameter(USER_PARAMETER);
        if (exchange.refusesParametersBut()) {
            return;
        }
        if (!Identity.isValidId(user)) {
            exchange.refusePrivately(ErrorCode.NOT_FOUND, "this is no user's id");
            return;
        }
        exchange.whenChanged(rights.unblock(user), (unblocked, failure) -> {
            if (unblocked == null) {
                exchange.refusePrivately(Refusal.unavailable());
            } else if (!unblocked) {
                exchange.refusePrivately(ErrorCode.NOT_FOUND, "this user is not blocked");
            } else {
                said(exchange, "user no longer blocked: " + user);
                AnswerWriter answer = exchange.lane().answer().beginPrivate();
                answer.body().raw(USER).string(user).raw(UNBLOCKED);
                answer.send(exchange, 200);
            }
        });
    }

    /// `PUT /admin/users/{user}/sign-out`
    private void signOut(Exchange exchange) {
        String user = exchange.parameter(USER_PARAMETER);
        if (exchange.refusesParametersBut()) {
            return;
        }
        if (!Identity.isValidId(user)) {
            refuse(exchange, "this is no user's id");
            return;
        }
        exchange.whenChanged(rights.signOut(user), (sinceMs, failure) -> {
            if (sinceMs == null) {
                exchange.refusePrivately(Refusal.unavailable());
            } else if (sinceMs.isEmpty()) {
                exchange.refusePrivately(
                        ErrorCode.LIMIT_EXCEEDED, "no more than " + EndedRights.MAX_ENDED + " users can be signed out");
            } else {
                said(exchange, "user signed out: " + user);
                AnswerWriter answer = exchange.lane().answer().beginPrivate();
                answer.body()
                        .raw(USER)
                        .string(user)
                        .raw(SIGNED_OUT_AT)
                        .number(sinceMs.get())
                        .raw('}');
                answer.send(exchange, 200);
            }
        });
    }

    /// `POST /admin/tokens/revoke` with `{"credential_id", "until"?}`, or for a token with an id of its own with
    /// `{"issuer", "jti", "until"?}`
    private void revokeToken(Exchange exchange) {
        if (exchange.refusesParametersBut()) {
            return;
        }
        String id;
        CompletionStage<Boolean> asked;
        try {
            JsonObjectReader members = members(TOKEN_MEMBERS.build(), "a revocation", exchange, exchange.body());
            id = credentialId(members);
            asked = rights.revokeToken(id, until(members, TOKEN_UNTIL, "a token"));
        } catch (IllegalArgumentException e) {
            refuse(exchange, String.valueOf(e.getMessage()));
            return;
        }
        exchange.whenChanged(asked, (revoked, failure) -> {
            if (revoked == null) {
                exchange.refusePrivately(Refusal.unavailable());
            } else if (!revoked) {
                exchange.refusePrivately(
                        ErrorCode.LIMIT_EXCEEDED, "no more than " + EndedRights.MAX_ENDED + " tokens can be revoked");
            } else {
                said(exchange, "token revoked: " + id);
                AnswerWriter answer = exchange.lane().answer().beginPrivate();
                answer.body().raw(CREDENTIAL).string(id).raw(REVOKED);
                answer.send(exchange, 200);
            }
        });
    }

    private static String credentialId(JsonObjectReader members) {
        @Nullable String id = members.string(CREDENTIAL_ID);
        @Nullable String issuer = members.string(ISSUER);
        @Nullable String jti = members.string(JTI);
        if (issuer != null && jti != null && !members.has(CREDENTIAL_ID)) {
            return TokenIds.ofId(issuer, jti);
        }
        if (id == null || members.has(ISSUER) || members.has(JTI)) {
            throw new IllegalArgumentException("\"credential_id\" names the token, or \"issuer\" and \"jti\" do");
        }
        return id;
    }

    private long until(JsonObjectReader members, JsonObjectReader.Member member, String what) {
        if (!members.has(member)) {
            return Identity.NEVER;
        }
        String text = members.string(member);
        return Expiry.parse(what, text == null ? "" : text, clock.millis());
    }

    /// `GET /admin/users/blocked`
    private void list(Exchange exchange) {
        if (exchange.refusesParametersBut(LIMIT_PARAMETER, START_AFTER_PARAMETER)) {
            return;
        }
        int limit = limit(exchange.query(LIMIT_PARAMETER));
        String after = exchange.query(START_AFTER_PARAMETER);
        if (limit < 1 || limit > MAX_LIMIT) {
            refuse(exchange, "limit is 1 to " + MAX_LIMIT);
            return;
        }
        if (after != null && !after.isEmpty() && !Identity.isValidId(after)) {
            refuse(exchange, "start_after is a user's id");
            return;
        }
        exchange.whenComplete(rights.blocked(after == null ? "" : after, limit), (page, failure) -> {
            if (page == null) {
                exchange.refusePrivately(Refusal.unavailable());
                return;
            }
            AnswerWriter answer = exchange.lane().answer().beginPrivate();
            JsonWriter body = answer.body().raw(USERS);
            for (int i = 0; i < page.users().size(); i++) {
                if (i > 0) {
                    body.raw(',');
                }
                write(body, page.users().get(i));
            }
            body.raw(']');
            if (page.next() != null) {
                body.raw(NEXT).string(page.next());
            }
            body.raw('}');
            answer.send(exchange, 200);
        });
    }

    private static int limit(@Nullable String text) {
        if (text == null) {
            return DEFAULT_LIMIT;
        }
        return text.length() <= 4 && !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')
                ? Integer.parseInt(text)
                : 0;
    }

    private static void write(JsonWriter body, BlockedUser block) {
        body.raw(USER).string(block.user()).raw(BLOCKED_AT).number(block.atMs());
        if (block.untilMs() != Identity.NEVER) {
            body.raw(UNTIL_MEMBER).number(block.untilMs());
        }
        if (block.reason() != null) {
            body.raw(REASON_MEMBER).string(block.reason());
        }
        body.raw('}');
    }

    /// Says in the log what the administrator did.
    private static void said(Exchange exchange, String what) {
        LOG.log(
                System.Logger.Level.INFO,
                what + ", by the administrator from "
                        + exchange.credentials().address().getHostAddress());
    }

    private static void refuse(Exchange exchange, String reason) {
        exchange.refusePrivately(ErrorCode.BAD_FRAME, reason);
    }
}
