package io.topicstream.server.authorizer;

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
        cache.put("a", ANN, 10, 0, 100);
        cache.put("b", ANN, 10, 0, 100);
        assertThat(cache.get("a", 1)).isEqualTo(ANN);

        cache.put("c", ANN, 10, 0, 100);

        assertThat(cache.size()).isEqualTo(2);
        assertThat(cache.get("b", 1)).isNull();
        assertThat(cache.get("a", 1)).isEqualTo(ANN);
        assertThat(cache.get("c", 1)).isEqualTo(ANN);
    }

    @Test
    void itsBytesAreBoundedToo() {
        HttpAuthorizerCache cache = new HttpAuthorizerCache(100, 10_000);
        for (int i = 0; i < 50; i++) {
            cache.put("q" + i, ANN, 4_000, 0, 100);
            cache.put("q" + i, ANN, 4_000, 0, 100);
        }

        assertThat(cache.size()).isEqualTo(2);
        assertThat(cache.get("q49", 1)).isEqualTo(ANN);
        assertThat(cache.get("q47", 1)).isNull();
    }

    @Test
    void whatIsOverIsForgottenWhenItIsAskedFor() {
        HttpAuthorizerCache cache = new HttpAuthorizerCache();
        cache.put("a", ANN, 10, 5, 9);

        assertThat(cache.get("a", 8)).isEqualTo(ANN);
        assertThat(cache.get("a", 9)).isNull();
        assertThat(cache.size()).isZero();
    }
}
