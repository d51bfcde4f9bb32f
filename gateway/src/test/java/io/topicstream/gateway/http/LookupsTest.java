package io.topicstream.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Names of servers are asked for apart from the thread that sends.
class LookupsTest {
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final CountDownLatch slow = new CountDownLatch(1);
    private final AtomicLong nowNs = new AtomicLong();
    private final Lookups lookups = new Lookups(this::ask, nowNs::get);

    private InetAddress[] ask(String name) throws UnknownHostException {
        asked.add(name + (Thread.currentThread().getName().startsWith("topicstream-gateway-names-") ? "" : " here"));
        if (name.startsWith("slow")) {
            try {
                slow.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        if (name.startsWith("unknown")) {
            throw new UnknownHostException(name);
        }
        return new InetAddress[] {InetAddress.ofLiteral("192.0.2.1")};
    }

    @AfterEach
    void close() {
        slow.countDown();
        lookups.close();
    }

    @Test
    void nobodyIsAskedForAnAddress() {
        assertThat(lookups.of("127.0.0.1")).isCompletedWithValue(List.of(InetAddress.ofLiteral("127.0.0.1")));
        assertThat(lookups.of("[::1]")).isCompletedWithValue(List.of(InetAddress.ofLiteral("::1")));
        assertThat(lookups.of("999.0.0.1")).isCompletedWithValue(List.of());
        assertThat(asked).isEmpty();
    }

    @Test
    void oneLookupOfANameIsUnderWayAndHoldsUpNoOther() throws Exception {
        CompletableFuture<?> first = lookups.of("slow.example");
        for (int i = 0; i < 100; i++) {
            assertThat(lookups.of("slow.example")).isSameAs(first);
        }
        lookups.of("quick.example").get(20, TimeUnit.SECONDS);
        assertThat(first).isNotDone();

        slow.countDown();
        first.get(20, TimeUnit.SECONDS);
        assertThat(asked).containsExactlyInAnyOrder("slow.example", "quick.example");
    }

    @Test
    void aNameIsAskedForAgainBeforeJavaForgetsIt() throws Exception {
        lookups.of("unknown.example").get(20, TimeUnit.SECONDS);
        nowNs.addAndGet(TimeUnit.SECONDS.toNanos(5) - 1);
        assertThat(lookups.of("unknown.example")).isCompleted();
        assertThat(asked).hasSize(1);

        nowNs.addAndGet(1);
        lookups.of("unknown.example").get(20, TimeUnit.SECONDS);
        assertThat(asked).containsExactly("unknown.example", "unknown.example");
    }
}
