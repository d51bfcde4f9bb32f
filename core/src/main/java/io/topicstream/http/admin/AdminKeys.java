package io.topicstream.http.admin;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.access.ApiKey;
import io.topicstream.access.ApiKeys;
import io.topicstream.access.Expiry;
import io.topicstream.access.GrantsInJson;
import io.topicstream.access.Identity;
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
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// The routes under `/admin/keys`: make a key, list them, revoke one or all of a name. A key's secret is in the
/// answer that makes it and nowhere else. What is not known in a request is refused: a slip in a member's name
/// must not make a key that may do everything. For the administrator.
public final class AdminKeys {
    private static final System.Logger LOG = System.getLogger(AdminKeys.class.getName());

    private static final JsonObjectReader.Builder KEY_MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member NAME = KEY_MEMBERS.add("name");
    private static final JsonObjectReader.Member GRANTS = KEY_MEMBERS.add("grants", JsonObjectReader.Trait.LIST);
    private static final JsonObjectReader.Member EXPIRES = KEY_MEMBERS.add("expires");

    private static final String ID_PARAMETER = "id";

    private static final byte[] ID = ascii("{\"id\":");
    private static final byte[] NAME_MEMBER = ascii(",\"name\":");
    private static final byte[] HINT = ascii(",\"hint\":");
    private static final byte[] CREATED_AT = ascii(",\"created_at\":");
    private static final byte[] EXPIRES_AT = ascii(",\"expires_at\":");
    private static final byte[] LAST_USED_AT = ascii(",\"last_used_at\":");
    private static final byte[] END = ascii("}");
    private static final byte[] LIST_END = ascii("]}");
    private static final byte[] GUESTS_ENDED = ascii(",\"guests_ended\":true}");
    private static final byte[] KEY = ascii(",\"key\":");
    private static final byte[] KEYS = ascii("{\"keys\":[");
    private static final byte[] NAME_ONLY = ascii("{\"name\":");
    private static final byte[] REVOKED = ascii(",\"revoked\":[");

    private final ApiKeys keys;

    private final InstantSource clock;
    private final BooleanSupplier endGuests;

    /// @param endGuests tells that a key was made; whether that ended the time in which callers go without a
    ///     credential
    public AdminKeys(ApiKeys keys, InstantSource clock, BooleanSupplier endGuests) {
        this.keys = keys;
        this.clock = clock;
        this.endGuests = endGuests;
    }

    /// The routes.
    public List<Route> routes() {
        return List.of(
                new Route("POST", "/admin/keys", Access.ADMIN, this::create),
                new Route("GET", "/admin/keys", Access.ADMIN, this::list),
                new Route("DELETE", "/admin/keys/{name}", Access.ADMIN, this::delete));
    }

    /// `POST /admin/keys` with `{"name", "grants"?: [{"topics", "allow": […]}…], "expires"?}`
    private void create(Exchange exchange) {
        byte[] body = exchange.body();
        JsonObjectReader reader = KEY_MEMBERS.build();
        if (exchange.refusesParametersBut()) {
            return;
        }
        if (!exchange.isBodyUtf8() || !reader.read(body, 0, body.length)) {
            String problem = reader.problem();
            refuse(exchange, "the body is a JSON object: " + (problem == null ? "not UTF-8" : problem));
            return;
        }
        String name = reader.string(NAME);
        if (name == null) {
            refuse(exchange, "\"name\" is the id of the user that the key stands for");
            return;
        }
        CompletionStage<ApiKey.Created> asked;
        try {
            requireKnown(reader);
            asked = keys.create(
                    name, reader.has(GRANTS) ? GrantsInJson.read(reader, GRANTS, body) : null, expires(reader));
        } catch (IllegalArgumentException e) {
            refuse(exchange, String.valueOf(e.getMessage()));
            return;
        }
        exchange.whenChanged(asked, (created, failure) -> {
            if (created == null) {
                unavailable(exchange);
                return;
            }
            said(
                    exchange,
                    "API key created: name " + created.key().name() + ", id "
                            + created.key().id());
            AnswerWriter answer = exchange.lane().answer().beginPrivate();
            writeKey(answer.body(), created.key(), created.secret(), endGuests.getAsBoolean() ? GUESTS_ENDED : END);
            answer.send(exchange, 201);
        });
    }

    /// `GET /admin/keys`
    private void list(Exchange exchange) {
        if (exchange.refusesParametersBut()) {
            return;
        }
        exchange.whenComplete(keys.list(), (found, failure) -> {
            if (found == null) {
                unavailable(exchange);
                return;
            }
            AnswerWriter answer = exchange.lane().answer().beginPrivate();
            JsonWriter body = answer.body().raw(KEYS);
            for (int i = 0; i < found.size(); i++) {
                if (i > 0) {
                    body.raw(',');
                }
                writeKey(body, found.get(i), null, END);
            }
            body.raw(LIST_END);
            answer.send(exchange, 200);
        });
    }

    /// `DELETE /admin/keys/{name}`, which takes all keys of the name, or with `?id=` that one.
    private void delete(Exchange exchange) {
        String name = exchange.parameter("name");
        if (exchange.refusesParametersBut(ID_PARAMETER)) {
            return;
        }
        List<String> ids = exchange.query().getOrDefault(ID_PARAMETER, List.of());
        if (ids.size() > 1) {
            refuse(exchange, "one id at a time");
            return;
        }
        CompletionStage<List<String>> asked = ids.isEmpty() ? keys.revokeAll(name) : keys.revoke(name, ids.getFirst());
        exchange.whenChanged(asked, (revoked, failure) -> {
            if (revoked == null) {
                unavailable(exchange);
            } else if (revoked.isEmpty()) {
                exchange.refusePrivately(
                        ErrorCode.NOT_FOUND,
                        ids.isEmpty() ? "there is no key of this name" : "there is no key of this name and id");
            } else {
                said(exchange, "API keys revoked: name " + name + ", ids " + String.join(" ", revoked));
                AnswerWriter answer = exchange.lane().answer().beginPrivate();
                JsonWriter body = answer.body().raw(NAME_ONLY).string(name).raw(REVOKED);
                for (int i = 0; i < revoked.size(); i++) {
                    if (i > 0) {
                        body.raw(',');
                    }
                    body.string(revoked.get(i));
                }
                body.raw(LIST_END);
                answer.send(exchange, 200);
            }
        });
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

    private static void unavailable(Exchange exchange) {
        exchange.refusePrivately(Refusal.unavailable());
    }

    private static void requireKnown(JsonObjectReader reader) {
        for (String name : reader.otherNames()) {
            throw new IllegalArgumentException("a key has no \"" + name + "\"");
        }
    }

    /// @throws IllegalArgumentException if it is none, saying why for the caller's eyes
    private long expires(JsonObjectReader reader) {
        if (!reader.has(EXPIRES)) {
            return Identity.NEVER;
        }
        String text = reader.string(EXPIRES);
        return Expiry.parse(text == null ? "" : text, clock.millis());
    }

    private static void writeKey(JsonWriter body, ApiKey key, @Nullable String secret, byte[] end) {
        body.raw(ID).string(key.id()).raw(NAME_MEMBER).string(key.name());
        if (secret != null) {
            body.raw(KEY).string(secret);
        }
        body.raw(HINT).string(key.hint()).raw(CREATED_AT).number(key.createdAtMs());
        if (key.expiresAtMs() != Identity.NEVER) {
            body.raw(EXPIRES_AT).number(key.expiresAtMs());
        }
        if (key.lastUsedAtMs() != ApiKey.NOT_USED) {
            body.raw(LAST_USED_AT).number(key.lastUsedAtMs());
        }
        GrantsInJson.write(key.grants(), body);
        body.raw(end);
    }
}
