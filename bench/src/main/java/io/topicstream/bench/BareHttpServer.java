package io.topicstream.bench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/// An HTTP server on Netty's own codec that reads every request and answers it alike: what HTTP
/// itself costs, without doing anything.
// Writes go with the void promise, and nobody waits for a close.
@SuppressWarnings("FutureReturnValueIgnored")
public final class BareHttpServer implements AutoCloseable {
    private final IoEventLoopGroup group;
    private final Channel server;

    private BareHttpServer(int port) {
        Transport transport = Transport.best();
        group = new MultiThreadIoEventLoopGroup(1, transport.serverHandler());
        server = new ServerBootstrap()
                .group(group)
                .channel(
                        switch (transport) {
                            case EPOLL -> EpollServerSocketChannel.class;
                            case NIO -> NioServerSocketChannel.class;
                        })
                .option(ChannelOption.SO_BACKLOG, 4_096)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new HttpServerCodec()).addLast(new Answering());
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .syncUninterruptibly()
                .channel();
    }

    /// Starts on a loopback port; 0 is any.
    public static BareHttpServer start(int port) {
        return new BareHttpServer(port);
    }

    /// The port it listens on.
    public int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    /// The body of every answer.
    static byte[] answer() {
        return Ascii.bytes("{\"topic\":\"bench.0\",\"offset\":1}");
    }

    @Override
    public void close() {
        server.close().syncUninterruptibly();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /// Runs one until the process ends: `BareHttpServer PORT`.
    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length != 1) {
            System.err.println("usage: BareHttpServer PORT");
            System.exit(2);
        }
        BareHttpServer started = start(Integer.parseInt(arguments[0]));
        System.out.println("listening on " + started.port());
        started.server.closeFuture().await();
    }

    /// Answers at the end of each request, and sends the answers of one read together.
    private static final class Answering extends ChannelInboundHandlerAdapter {
        private static final ByteBuf BODY =
                Unpooled.unreleasableBuffer(Unpooled.directBuffer().writeBytes(answer()));

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            boolean last = message instanceof LastHttpContent;
            ReferenceCountUtil.release(message);
            if (last) {
                ByteBuf body = BODY.duplicate();
                var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, body);
                response.headers()
                        .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
                        .setInt(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
                context.write(response, context.voidPromise());
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
