package io.topicstream.tokens.authorizer;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.access.Grant;
import io.topicstream.access.GrantsInJson;
import io.topicstream.access.Identity;
import io.topicstream.json.JsonObjectReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads what the operator's service answers with 200: `{"user", "name"?, "grants"?, "ttl_s"?}`. Members that are not
/// known are ignored. Thread-safe.
final class HttpAuthorizerAnswers {
    static final int MAX_GRANTS = 100;

    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member USER = MEMBERS.add("user");
    private static final JsonObjectReader.Member NAME = MEMBERS.add("name");
    private static final JsonObjectReader.Member GRANTS = MEMBERS.add("grants", JsonObjectReader.Trait.LIST);
    private static final JsonObjectReader.Member TTL_S = MEMBERS.add("ttl_s");
    private static final long MS = 1000;

    private final AuthorizerSettings settings;

    /// @param settings how long answers may be kept, and what they may give
    HttpAuthorizerAnswers(AuthorizerSettings settings) {
        this.settings = settings;
    }

    /// An answer that was understood.
    ///
    /// @param keptUntilMs until when it may be used again
    record Answer(Identity identity, long keptUntilMs) {}

    /// Reads one.
    ///
    /// A time to live counts from when the service was asked: it is then both the end of the identity and, within
    /// what the setting allows, of the answer's place in the cache. One of 0 is for this one caller now: it is not
    /// kept, and what the caller begins with it has no end of its own.
    ///
    /// @throws IllegalArgumentException if it is none, saying why for the operator's eyes
    Answer read(byte[] body, long askedAtMs) {
        JsonObjectReader reader = MEMBERS.build();
        if (!isUtf8(body) || !reader.read(body, 0, body.length)) {
            String problem = reader.problem();
            throw new IllegalArgumentException("it is no JSON object" + (problem == null ? "" : ": " + problem));
        }
        String user = reader.string(USER);
        if (user == null || !Identity.isValidUser(user)) {
            throw new IllegalArgumentException("\"user\" is no user's id");
        }
        String name = reader.string(NAME);
        if (reader.has(NAME) && (name == null || !Identity.isValidName(name))) {
            throw new IllegalArgumentException("\"name\" is no display name");
        }
        List<Grant> grants = reader.has(GRANTS) ? grants(GrantsInJson.read(reader, GRANTS, body)) : Grant.DEFAULT;
        Long ttlMs = ttlMs(reader);
        long cacheMs = settings.cache().toMillis();
        return new Answer(
                new Identity(
                        user,
                        name,
                        Identity.Credential.AUTHORIZER,
                        null,
                        grants,
                        ttlMs == null || ttlMs == 0 ? Identity.NEVER : askedAtMs + ttlMs),
                askedAtMs + (ttlMs == null ? cacheMs : Math.min(ttlMs, cacheMs)));
    }

    private static boolean isUtf8(byte[] body) {
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(body));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    private static @Nullable Long ttlMs(JsonObjectReader reader) {
        if (!reader.has(TTL_S)) {
            return null;
        }
        long seconds = reader.integer(TTL_S);
        if (seconds == JsonObjectReader.NOT_AN_INTEGER) {
            throw new IllegalArgumentException("\"ttl_s\" is no whole number of seconds");
        }
        // Far beyond the life of any of us, and of no sum with the time of day an overflow.
        return Math.min(seconds, Long.MAX_VALUE / MS / 4) * MS;
    }

    private List<Grant> grants(List<Grant> given) {
        if (given.size() > MAX_GRANTS) {
            throw new IllegalArgumentException("there are more than " + MAX_GRANTS + " grants");
        }
        return settings.grantsAdmin() ? given : Grant.modest(given);
    }
}
