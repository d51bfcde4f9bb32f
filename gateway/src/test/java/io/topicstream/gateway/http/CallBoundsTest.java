package io.topicstream.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class CallBoundsTest {
    @Test
    void callsToOneTargetAndToAllAreBounded() {
        CallBounds bounds = new CallBounds(new HttpCallLimits(2, 3, 0, 0));

        assertThat(bounds.begin("a")).isNull();
        assertThat(bounds.begin("a")).isNull();
        assertThat(bounds.begin("a")).hasMessageContaining("a").hasMessageContaining("2");
        assertThat(bounds.begin("b")).isNull();
        assertThat(bounds.begin("b")).hasMessageContaining("all back ends");
        bounds.end("a");
        assertThat(bounds.begin("b")).isNull();
        assertThat(bounds.underWay("a")).isEqualTo(1);
        assertThat(bounds.underWay("b")).isEqualTo(2);
    }

    @Test
    void countsAreRightHoweverManyThreadsCall() throws Exception {
        CallBounds bounds = new CallBounds(new HttpCallLimits(2, 100, 0, 0));
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> done = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                done.add(threads.submit(() -> {
                    for (int call = 0; call < 50_000; call++) {
                        if (bounds.begin("a") == null) {
                            most.accumulateAndGet(now.incrementAndGet(), Math::max);
                            now.decrementAndGet();
                            bounds.end("a");
                        } else {
                            refused.incrementAndGet();
                        }
                    }
                }));
            }
            for (Future<?> each : done) {
                each.get();
            }
        }

        assertThat(most.get()).isBetween(1, 2);
        assertThat(refused.get()).isLessThan(200_000);
        assertThat(bounds.underWay("a")).isZero();
        assertThat(bounds.begin("a")).isNull();
        assertThat(bounds.begin("a")).isNull();
        assertThat(bounds.begin("a")).isNotNull();
    }
}
