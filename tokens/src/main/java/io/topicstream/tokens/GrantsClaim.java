package io.topicstream.tokens;

import io.topicstream.access.Grant;
import io.topicstream.access.GrantsInJson;
import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonObjectReader.Kind;
import io.topicstream.json.JsonObjectReader.Member;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a token grants: a list of `orders*=publish,read`, or of objects ([GrantsInJson]); or one text
/// with several of the first kind and spaces between them, for issuers whose claims are texts.
final class GrantsClaim {
    /// The most grants of a token.
    static final int MAX_GRANTS = 100;

    private GrantsClaim() {}

    /// Reads it.
    ///
    /// @param claims that were read
    /// @return null if it is nothing of the kind; the list may be empty, and its bearer may then do nothing
    static @Nullable List<Grant> read(JsonObjectReader said, Member claim, byte[] claims) {
        try {
            @Nullable String text = said.string(claim);
            if (text != null) {
                return bounded(Stream.of(text.strip().split(" +"))
                        .filter(one -> !one.isEmpty())
                        .map(GrantsClaim::parse)
                        .toList());
            }
            if (said.kind(claim) != Kind.ARRAY) {
                return null;
            }
            @Nullable List<String> texts = said.texts(claim, MAX_GRANTS);
            return texts == null
                    ? bounded(GrantsInJson.read(said, claim, claims))
                    : texts.stream().map(GrantsClaim::parse).toList();
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /// As on a command line, but it must say for which topics.
    private static Grant parse(String text) {
        if (text.indexOf('=') < 0) {
            throw new IllegalArgumentException("a grant names topics");
        }
        return Grant.parse(text);
    }

    private static List<Grant> bounded(List<Grant> grants) {
        if (grants.size() > MAX_GRANTS) {
            throw new IllegalArgumentException("too many grants");
        }
        return grants;
    }
}
