package io.topicstream.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What happens to a WebSocket connection as time passes, with a clock that is set by hand.
class ConnectionTimesTest {
    private final AtomicLong nanos = new AtomicLong(-5_000_000_000L);
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final TransportLoop loop = new TransportLoop(
            channel.eventLoop(),
            TransportLimits.defaults(),
            nanos::get,
            InstantSource.system(),
            new ConnectionCounts(TransportLimits.defaults()),
            new ByteBudget(TransportLimits.BUDGET_BYTES),
            new ByteBudget(TransportLimits.BUDGET_BYTES));
    private final EchoServer.Echo echo = new EchoServer.Echo();
    private final WebSocketHandler handler = new WebSocketHandler(loop, echo, WebSocketLimits.defaults());

    ConnectionTimesTest() {
        channel.pipeline().addLast(handler);
        loop.connections.add(handler);
        handler.open();
    }

    @AfterEach
    void release() {
        channel.finishAndReleaseAll();
    }

    private void pass(Duration time) {
        for (long left = time.toMillis(); left > 0; left -= 1000) {
            nanos.addAndGet(Math.min(left, 1000) * 1_000_000);
            loop.connections.sweep();
            channel.runPendingTasks();
        }
    }

    private int sentOpcode() {
        ByteBuf sent = channel.readOutbound();
        if (sent == null) {
            return -1;
        }
        int opcode = sent.getByte(0) & 0x0F;
        sent.release();
        return opcode;
    }

    private void receive(byte[] frame) {
        channel.writeInbound(Unpooled.copiedBuffer(frame));
    }

    @Test
    void anAnsweredPingKeepsTheConnection() {
        for (int i = 0; i < 20; i++) {
            pass(Duration.ofSeconds(25));
            assertThat(sentOpcode()).isEqualTo(WebSocketFrames.PING);
            receive(RawClient.frame(0x8A, new byte[0]));
        }

        assertThat(channel.isOpen()).isTrue();
        assertThat(echo.closings.get()).isZero();
    }

    @Test
    void anyByteIsAnAnswer() {
        pass(Duration.ofSeconds(25));
        receive(RawClient.text("hi"));
        pass(Duration.ofSeconds(26));

        assertThat(echo.closings.get()).isZero();
    }

    @Test
    void anUnansweredPingEndsTheConnection() {
        pass(Duration.ofSeconds(51));
        assertThat(echo.closedWith).isEqualTo(1001);
        assertThat(sentOpcode()).isEqualTo(WebSocketFrames.PING);
        assertThat(sentOpcode()).isEqualTo(WebSocketFrames.CLOSE);
        assertThat(channel.isOpen()).isTrue();

        pass(Duration.ofSeconds(11));
        assertThat(channel.isOpen()).isFalse();
        assertThat(echo.closings.get()).isEqualTo(1);
    }

    @Test
    void aSocketThatTakesNothingIsGivenFiveMinutesAndNoPing() {
        // Never flushed: what a socket that takes no byte looks like.
        handler.write(Unpooled.copiedBuffer(new byte[1000]));
        pass(Duration.ofSeconds(290));
        assertThat(echo.closings.get()).isZero();
        assertThat(channel.outboundMessages()).isEmpty();

        pass(Duration.ofSeconds(20));
        assertThat(echo.closedWith).isEqualTo(1001);
    }

    @Test
    void whoIsNotReadIsNotExpectedToAnswer() {
        handler.pauseReading();
        pass(Duration.ofMinutes(5));

        assertThat(echo.closings.get()).isZero();
    }

    @Test
    void anOpenMessageHasFifteenSecondsHoweverManyPiecesComeMeanwhile() {
        byte[] frame = RawClient.text("x".repeat(100));
        for (int i = 0; i < 14; i++) {
            receive(new byte[] {frame[i]});
            pass(Duration.ofSeconds(1));
        }
        assertThat(echo.closings.get()).isZero();
        receive(new byte[] {frame[14]});
        pass(Duration.ofSeconds(2));

        assertThat(echo.closedWith).isEqualTo(1008);
    }

    @Test
    void aStreamOfMessagesThatNeverEndsWithAReadIsNotTooSlow() {
        byte[] frame = RawClient.text("hello");
        receive(Arrays.copyOf(frame, 3));
        byte[] across = new byte[frame.length];
        System.arraycopy(frame, 3, across, 0, frame.length - 3);
        System.arraycopy(frame, 0, across, frame.length - 3, 3);
        for (int i = 0; i < 60; i++) {
            pass(Duration.ofSeconds(1));
            receive(across);
        }

        assertThat(echo.messages.get()).isEqualTo(60);
        assertThat(echo.closings.get()).isZero();
    }

    @Test
    void timeGoesOnWhenTheMillisecondsWrapAround() {
        int before = loop.clock.nowMs();
        for (int i = 0; i < 10; i++) {
            pass(Duration.ofSeconds(25));
            receive(RawClient.frame(0x8A, new byte[0]));
        }
        assertThat(loop.clock.nowMs()).isLessThan(before);
        assertThat(echo.closings.get()).isZero();
        pass(Duration.ofSeconds(60));

        assertThat(echo.closedWith).isEqualTo(1001);
    }

    @Test
    void aLoopThatCouldNotRunBlamesNobody() {
        pass(Duration.ofSeconds(25));
        receive(Arrays.copyOf(RawClient.text("half"), 5));
        nanos.addAndGet(Duration.ofHours(1).toNanos());
        loop.connections.sweep();

        assertThat(echo.closings.get()).isZero();
        pass(Duration.ofSeconds(16));
        assertThat(echo.closedWith).isEqualTo(1008);
    }
}
