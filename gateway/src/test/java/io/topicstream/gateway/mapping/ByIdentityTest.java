package io.topicstream.gateway.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import org.junit.jupiter.api.Test;

class ByIdentityTest {
    private final ByIdentity<List<Integer>, Object> made = new ByIdentity<>(key -> new Object());

    @Test
    void ofOneObjectOneThingIsMadeAndOfAnEqualOneAnother() {
        List<Integer> one = List.of(1_000, 2_000);
        List<Integer> equal = List.of(1_000, 2_000);

        assertThat(made.of(one)).isSameAs(made.of(one)).isNotSameAs(made.of(equal));
    }

    @Test
    void whatWasMadeGoesWithItsObject() {
        for (int i = 0; i < 100; i++) {
            made.of(List.of(i, i));
        }

        await().untilAsserted(() -> {
            System.gc();
            made.of(List.of(-1, -1));
            assertThat(made.size()).isLessThan(10);
        });
    }
}
