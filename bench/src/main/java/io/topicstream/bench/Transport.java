package io.topicstream.bench;

import io.netty.channel.DefaultSelectStrategyFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;

/// The way to the kernel: native epoll where there is one, else NIO.
enum Transport {
    EPOLL,
    NIO;

    /// Events taken in one round: as many as make one wake-up cheap, few enough that due messages
    /// are not late.
    private static final int EVENTS_A_ROUND = 256;

    static Transport best() {
        return Epoll.isAvailable() ? EPOLL : NIO;
    }

    IoHandlerFactory loadHandler() {
        return switch (this) {
            case EPOLL -> EpollIoHandler.newFactory(EVENTS_A_ROUND, DefaultSelectStrategyFactory.INSTANCE);
            case NIO -> NioIoHandler.newFactory();
        };
    }

    IoHandlerFactory serverHandler() {
        return switch (this) {
            case EPOLL -> EpollIoHandler.newFactory();
            case NIO -> NioIoHandler.newFactory();
        };
    }
}
