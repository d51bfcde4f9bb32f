package io.topicstream.tokens;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonObjectReader.Member;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// A token in its parts (RFC 7515, compact form), before anybody has looked at its signature: nothing in it is true
/// yet. Of the header only what is named here is read; keys and addresses of keys in it are not.
///
/// Owns its arrays.
///
/// @param alg how it says to be signed
/// @param kid the name of the key, or null
/// @param typ what it calls itself, or null
/// @param isPlain whether the header asks for nothing that must be understood (`crit`, `b64`)
/// @param issuer who it says has issued it
/// @param claims the bytes of the claims: valid UTF-8, and one object in which no name stands twice
/// @param signingInput what is signed: the text before the second dot
/// @param signature in base64url
record SignedToken(
        String alg,
        @Nullable String kid,
        @Nullable String typ,
        boolean isPlain,
        String issuer,
        byte[] claims,
        byte[] signingInput,
        String signature) {
    /// The longest token, in characters. Tokens travel in headers, which are not much longer.
    static final int MAX_LENGTH = 16 * 1024;

    private static final JsonObjectReader.Builder HEADER = new JsonObjectReader.Builder();
    private static final Member ALG = HEADER.add("alg");
    private static final Member KID = HEADER.add("kid");
    private static final Member TYP = HEADER.add("typ");
    private static final Member CRIT = HEADER.add("crit");
    private static final Member B64 = HEADER.add("b64");

    private static final JsonObjectReader.Builder CLAIMS = new JsonObjectReader.Builder();
    private static final Member ISS = CLAIMS.add("iss");

    /// Takes a token apart.
    ///
    /// @return null where it is no signed token at all
    static @Nullable SignedToken parse(String token) {
        if (token.length() > MAX_LENGTH) {
            return null;
        }
        int first = token.indexOf('.');
        int second = token.indexOf('.', first + 1);
        byte @Nullable [] header = first < 0 ? null : decode(token, 0, first);
        byte @Nullable [] claims = second < 0 ? null : decode(token, first + 1, second);
        if (header == null || claims == null || !isBase64Url(token, second + 1, token.length())) {
            return null;
        }
        JsonObjectReader head = HEADER.build();
        JsonObjectReader said = CLAIMS.build();
        if (!head.read(header, 0, header.length) || !said.read(claims, 0, claims.length)) {
            return null;
        }
        @Nullable String alg = head.string(ALG);
        @Nullable String kid = head.string(KID);
        @Nullable String typ = head.string(TYP);
        @Nullable String issuer = said.string(ISS);
        if (alg == null || issuer == null || head.has(KID) != (kid != null) || head.has(TYP) != (typ != null)) {
            return null;
        }
        return new SignedToken(
                alg,
                kid,
                typ,
                !head.has(CRIT) && !head.has(B64),
                issuer,
                claims,
                token.substring(0, second).getBytes(US_ASCII),
                token.substring(second + 1));
    }

    /// The part as bytes of valid UTF-8, or null.
    private static byte @Nullable [] decode(String token, int from, int to) {
        if (!isBase64Url(token, from, to)) {
            return null;
        }
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(token.substring(from, to));
            UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return bytes;
        } catch (IllegalArgumentException | CharacterCodingException e) {
            return null;
        }
    }

    /// Without padding, and at least one character.
    private static boolean isBase64Url(String token, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = token.charAt(i);
            boolean letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
            if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_') {
                return false;
            }
        }
        return to > from;
    }
}
