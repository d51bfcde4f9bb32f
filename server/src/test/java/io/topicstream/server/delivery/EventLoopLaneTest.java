package io.topicstream.server.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.topicstream.dialect.Dialects;
import io.topicstream.dialect.NativeDialect;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Draft;
import io.topicstream.log.HandOver;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.TopicName;
import io.topicstream.topic.OutboundBudget;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventLoopLaneTest {
    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final InMemoryLog log = new InMemoryLog(
            InstantSource.system(), Runnable::run, new InMemoryLog.Settings(1, 1 << 20, 1 << 22, Duration.ofHours(1)));
    private final EventLoopLane lane = new EventLoopLane(
            loop,
            new FrameEncoder(
                    PooledByteBufAllocator.DEFAULT,
                    new Dialects(NativeDialect.DEFAULT_MAX_PAYLOAD_BYTES, new Random(1), InstantSource.system())::of),
            log,
            log,
            new OutboundBudget(1 << 20),
            new Random(1));
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final AtomicInteger handedOver = new AtomicInteger();
    private final AtomicBoolean isOver = new AtomicBoolean();

    @AfterEach
    void end() {
        group.shutdownGracefully(0, 60, TimeUnit.SECONDS).syncUninterruptibly();
        lane.close();
    }

    @Test
    void anErrorInOneHandOverKeepsThoseBehindItFromNothing() {
        loop.submit(() -> {
                    for (int i = 0; i < 3; i++) {
                        HandOver handOver = new HandOver();
                        handOver.answer(new Failing("first of " + i), new AppendResult.Unavailable("closed"));
                        handOver.answer(new Failing("second of " + i), new AppendResult.Unavailable("closed"));
                        lane.enqueue(handOver);
                    }
                })
                .syncUninterruptibly();
        loop.submit(() -> {}).syncUninterruptibly();

        assertThat(heard)
                .containsExactly("first of 0", "second of 0", "first of 1", "second of 1", "first of 2", "second of 2");
    }

    @Test
    void socketsAreLookedAtThoughEveryHandOverBringsAnother() throws InterruptedException {
        CountDownLatch looked = new CountDownLatch(1);
        try {
            loop.execute(() -> {
                handOverAgain();
                // What is due when the loop has looked at its sockets.
                var _ = loop.schedule(looked::countDown, 0, TimeUnit.NANOSECONDS);
            });

            assertThat(looked.await(20, TimeUnit.SECONDS)).isTrue();
            int then = handedOver.get();
            await().until(() -> handedOver.get() > then + 1);
        } finally {
            isOver.set(true);
        }
    }

    private void handOverAgain() {
        HandOver handOver = new HandOver();
        handOver.answer(new BringingAnother(), new AppendResult.Unavailable("closed"));
        lane.enqueue(handOver);
    }

    private final class BringingAnother extends Append {
        BringingAnother() {
            super(new TopicName("t"), List.of(new Draft(new byte[] {'1'}, null, null)), null, "", ANY_OFFSET, lane);
        }

        @Override
        public void onAnswered(AppendResult result) {
            handedOver.incrementAndGet();
            if (!isOver.get()) {
                handOverAgain();
            }
        }
    }

    private final class Failing extends Append {
        private final String name;

        Failing(String name) {
            super(new TopicName("t"), List.of(new Draft(new byte[] {'1'}, null, null)), null, "", ANY_OFFSET, lane);
            this.name = name;
        }

        @Override
        public void onAnswered(AppendResult result) {
            heard.add(name);
            throw new OutOfMemoryError("no direct memory");
        }
    }
}
