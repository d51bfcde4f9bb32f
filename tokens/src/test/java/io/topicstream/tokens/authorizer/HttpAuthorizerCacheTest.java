package io.topicstream.tokens.authorizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.Authentication.Known;
import io.topicstream.access.Identity;
import java.util.List;
import org.junit.jupiter.api.Test;

class HttpAuthorizerCacheTest {
    private static final Known ANN = known("ann");

    private static Known known(String user) {
        return new Known(new Identity(user, null, Identity.Credential.AUTHORIZER, null, List.of(), Identity.NEVER));
    }

    @Test
    void pastItsNumberTheOneGoesThatWasUsedLongestAgo() {
        HttpAuthorizerCache cache = new HttpAuthorizerCache(2, 1 << 20);
        cache.put("a", ANN, 10, 0, 0, 100);
        cache.put("b", ANN, 10, 0, 0, 100);
        assertThat(cache.get("a", 1)).isEqualTo(ANN);

        cache.put("c", ANN, 10, 0, 0, 100);

        assertThat(cache.size()).isEqualTo(2);
        assertThat(cache.get("b", 1)).isNull();
        assertThat(cache.get("a", 1)).isEqualTo(ANN);
        assertThat(cache.get("c", 1)).isEqualTo(ANN);
    }

    @Test
    void itsBytesAreBoundedToo() {
        HttpAuthorizerCache cache = new HttpAuthorizerCache(100, 10_000);
        for (int i = 0; i < 50; i++) {
            cache.put("q" + i, ANN, 4_000, 0, 0, 100);
            cache.put("q" + i, ANN, 4_000, 0, 0, 100);
        }

        assertThat(cache.size()).isEqualTo(2);
        assertThat(cache.get("q49", 1)).isEqualTo(ANN);
        assertThat(cache.get("q47", 1)).isNull();
    }

    @Test
    void whatIsForgottenIsNotPutByWhoAskedBefore() {
        HttpAuthorizerCache cache = new HttpAuthorizerCache(100, 1_000);
        long asOf = cache.forgotten();
        cache.put("a", ANN, 10, asOf, 0, 100);

        cache.forget(who -> "bob".equals(who.user()));
        assertThat(cache.get("a", 1)).isEqualTo(ANN);
        cache.forget(who -> "ann".equals(who.user()));
        assertThat(cache.get("a", 1)).isNull();

        cache.put("a", ANN, 10, asOf, 0, 100);
        assertThat(cache.get("a", 1)).isNull();
        cache.put("a", ANN, 400, cache.forgotten(), 0, 100);
        // Its bytes were given back: this has room, and no more would have.
        assertThat(cache.get("a", 1)).isEqualTo(ANN);
    }

    @Test
    void whatIsOverIsForgottenWhenItIsAskedFor() {
        HttpAuthorizerCache cache = new HttpAuthorizerCache();
        cache.put("a", ANN, 10, 0, 5, 9);

        assertThat(cache.get("a", 8)).isEqualTo(ANN);
        assertThat(cache.get("a", 9)).isNull();
        assertThat(cache.size()).isZero();
    }
}
