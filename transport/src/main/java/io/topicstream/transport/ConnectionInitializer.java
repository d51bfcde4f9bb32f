package io.topicstream.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import java.net.InetAddress;
import java.util.Map;
import java.util.function.Function;

/// The one pipeline of the product: the header of a trusted proxy and TLS, where the port has them; then the
/// HTTP connection; after an upgrade, in its place, the WebSocket handler. Past the limits a connection may
/// only ask how the server is. Whatever listens on a port, conformance tests included, is made here.
@Sharable
@SuppressWarnings("FutureReturnValueIgnored") // what fails here is closed
final class ConnectionInitializer extends ChannelInitializer<Channel> {
    static final String HTTP = "http";
    static final String WEBSOCKET = "webSocket";

    private final Function<Channel, TransportLoop> loopOf;
    private final ConnectionCounts counts;
    private final Endpoint endpoint;
    private final LineLimit lines = new LineLimit(System::nanoTime);

    ConnectionInitializer(Function<Channel, TransportLoop> loopOf, ConnectionCounts counts, Endpoint endpoint) {
        this.loopOf = loopOf;
        this.counts = counts;
        this.endpoint = endpoint;
    }

    @Override
    protected void initChannel(Channel channel) {
        InetAddress address = Peer.socketAddress(channel);
        // What a trusted proxy brings is counted by its client, as soon as that is known.
        boolean isProxy = address != null && endpoint.ingress().trustedProxy().test(address);
        int refusal = counts.add(isProxy ? null : address);
        TransportLoop loop = loopOf.apply(channel);
        if (refusal != 0 && !loop.connections.admitsProbe()) {
            endpoint.observer().onConnectionRefused(channel.remoteAddress(), refusal);
            if (endpoint.ingress().tls() == null) {
                refuse(channel, refusal);
            } else {
                channel.close();
            }
            return;
        }
        ChannelPipeline pipeline = channel.pipeline();
        if (isProxy) {
            Peer peer = Peer.mark(channel);
            if (endpoint.ingress().proxyProtocol()) {
                pipeline.addLast(new HAProxyMessageDecoder(), new ProxyHeader(peer, counts, lines));
            }
        }
        TlsFiles tls = endpoint.ingress().tls();
        if (tls != null) {
            pipeline.addLast(TlsStart.NAME, new TlsStart(tls, lines));
        }
        // The count goes back when the connection leaves its loop's list, whatever ends it.
        loop.configure(channel);
        HttpConnection connection = new HttpConnection(loop, endpoint, refusal);
        if (refusal == 0) {
            loop.connections.add(connection);
        } else {
            loop.connections.addProbe(connection);
        }
        pipeline.addLast(HTTP, connection);
    }

    private static void refuse(Channel channel, int status) {
        String code = status == 429 ? "rate_limited" : "overloaded";
        byte[] body = HttpResponses.errorBody(code, ConnectionCounts.TOO_MANY);
        ByteBuf out = channel.alloc().ioBuffer(256);
        HttpResponses.writeHead(out, status, "", Map.of("Retry-After", "1", "Topic-Error", code));
        HttpResponses.writeField(out, "Content-Type", "application/json");
        HttpResponses.writeField(out, "Content-Length", Integer.toString(body.length));
        HttpResponses.writeField(out, "Connection", "close");
        HttpResponses.endHead(out);
        out.writeBytes(body);
        channel.writeAndFlush(out).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LoopFaults.onFault("a connection could not be set up", cause);
        ctx.close();
    }
}
