package io.topicstream.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Waits for the first byte of a connection on a port that speaks TLS, and puts TLS in its own place. A connection
/// that says nothing has cost no TLS by then, and one that speaks plain HTTP is told in plain words. Belongs to its
/// loop.
@SuppressWarnings("FutureReturnValueIgnored") // of what is closed, or closes itself
final class TlsStart extends ChannelInboundHandlerAdapter {
    static final String NAME = "tls";

    private static final System.Logger LOG = System.getLogger(TlsStart.class.getName());
    private static final String KIND = "tls-handshake";
    /// The type of a record that has a part of the handshake (RFC 8446, 5.1).
    private static final byte HANDSHAKE = 22;

    private final TlsFiles files;
    private final LineLimit lines;
    private boolean refused;

    TlsStart(TlsFiles files, LineLimit lines) {
        this.files = files;
        this.lines = lines;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (refused || !in.isReadable()) {
            in.release();
            return;
        }
        byte first = in.getByte(in.readerIndex());
        if (first != HANDSHAKE) {
            in.release();
            refuse(ctx, first);
            return;
        }
        SslHandler tls = files.newHandler(ctx.alloc());
        // Until it is done the connection waits for the head of its first request, and has that one's deadline.
        tls.setHandshakeTimeoutMillis(0);
        tls.handshakeFuture().addListener(done -> onHandshake(ctx, done.cause()));
        ctx.pipeline().replace(this, NAME, tls);
        ctx.fireChannelRead(in);
    }

    private void onHandshake(ChannelHandlerContext ctx, @Nullable Throwable failure) {
        if (failure instanceof SSLException) {
            String line =
                    "a TLS handshake with " + Peer.socketAddress(ctx.channel()) + " failed: " + failure.getMessage();
            lines.log(LOG, System.Logger.Level.INFO, KIND, line, null);
        }
    }

    private void refuse(ChannelHandlerContext ctx, byte first) {
        refused = true;
        boolean letter = first >= 'A' && first <= 'Z';
        if (!letter) {
            ctx.close();
            return;
        }
        byte[] body = HttpResponses.errorBody("bad_frame", "this port speaks TLS: use https or wss");
        ByteBuf out = ctx.alloc().ioBuffer(256);
        HttpResponses.writeHead(out, 400, "", Map.of("Topic-Error", "bad_frame"));
        HttpResponses.writeField(out, "Content-Type", "application/json");
        HttpResponses.writeField(out, "Content-Length", Integer.toString(body.length));
        HttpResponses.writeField(out, "Connection", "close");
        HttpResponses.endHead(out);
        // What the client still sends is thrown away until it goes, or until its time for a request is over.
        ctx.writeAndFlush(Unpooled.wrappedBuffer(out, Unpooled.wrappedBuffer(body)))
                .addListener(done -> {
                    if (done.isSuccess() && ctx.channel() instanceof DuplexChannel duplex) {
                        duplex.shutdownOutput();
                    } else {
                        ctx.close();
                    }
                });
    }
}
