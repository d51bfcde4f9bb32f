package io.topicstream.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/// Takes the header of the PROXY protocol that a trusted proxy writes before anything else, and goes. Stands behind
/// Netty's decoder of it; whatever is no such header ends the connection, because a header that may be missing is
/// one that clients may write. Belongs to its loop.
@SuppressWarnings("FutureReturnValueIgnored") // of what is closed
final class ProxyHeader extends ChannelInboundHandlerAdapter {
    private static final System.Logger LOG = System.getLogger(ProxyHeader.class.getName());
    private static final String KIND = "proxy-header";

    private final Peer peer;
    private final ConnectionCounts counts;
    private final LineLimit lines;

    ProxyHeader(Peer peer, ConnectionCounts counts, LineLimit lines) {
        this.peer = peer;
        this.counts = counts;
        this.lines = lines;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof HAProxyMessage header)) {
            // Behind a broken header; the connection is being closed.
            ((ByteBuf) message).release();
            return;
        }
        @Nullable InetAddress client = null;
        try {
            // A local connection is the proxy's own: it looks whether we live. Unknown ones are for nobody we know.
            if (header.command() == HAProxyCommand.PROXY) {
                client = ForwardedFields.address(header.sourceAddress());
            }
        } finally {
            header.release();
        }
        peer.announce(client);
        if (client != null) {
            if (!counts.addAddress(client)) {
                ctx.close();
                return;
            }
            peer.countAs(client);
        }
        ctx.pipeline().remove(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof DecoderException)) {
            ctx.fireExceptionCaught(cause);
            return;
        }
        String line = "closed a connection of " + Peer.socketAddress(ctx.channel())
                + ": it does not begin with a header of the PROXY protocol (server.proxy_protocol is on)";
        lines.log(LOG, System.Logger.Level.WARNING, KIND, line, null);
        ctx.close();
    }
}
