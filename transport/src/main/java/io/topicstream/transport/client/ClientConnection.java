package io.topicstream.transport.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/// A connection to a server, with one call at a time on it. Belongs to its loop.
///
/// It is kept for another call only where the answer ended exactly where the bytes of that read ended, so that
/// nothing a server says beyond it is taken for the next answer.
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails is seen by what is read, or by the deadline
final class ClientConnection extends ChannelInboundHandlerAdapter {
    final Origin origin;
    final long bornNs;
    private final ClientLoop loop;
    private final Channel channel;
    private final AnswerReader reader;

    private @Nullable ClientCall call;
    /// Since when it waits for another call.
    long idleNs;

    private boolean used;
    /// Whether an earlier call was answered on it.
    private boolean again;
    private boolean sent;
    /// Whether it is to be kept when all that has come was read.
    private boolean ready;
    private @Nullable Throwable fault;

    /// Who is called.
    record Origin(String host, int port) {}

    ClientConnection(ClientLoop loop, Origin origin, Channel channel, long nowNs) {
        this.loop = loop;
        this.origin = origin;
        this.channel = channel;
        this.bornNs = nowNs;
        this.reader = new AnswerReader(loop.limits(), loop.room(), loop.scratch());
    }

    /// Connects for a call, which waits meanwhile.
    ChannelFuture connect(ClientCall waiting, SocketAddress address) {
        waiting.connection = this;
        return channel.connect(address);
    }

    boolean isOpen() {
        return channel.isActive();
    }

    /// Sends the request of a call, and reads its answer.
    void begin(ClientCall begun) {
        again = used;
        used = true;
        call = begun;
        begun.connection = this;
        reader.begin(begun.request.isHead());
        byte[] body = begun.body;
        sent = false;
        ChannelFuture first = channel.write(begun.encode(channel.alloc()));
        ChannelFuture last = first;
        if (body.length > ClientCall.SHORT_BODY_BYTES) {
            last = channel.write(Unpooled.wrappedBuffer(body));
        }
        channel.flush();
        if (last.isSuccess()) {
            sent = true;
        } else if (again && first.isDone() && !first.isSuccess()) {
            // Not even the head has left: the server had closed the connection, and has seen nothing of the call.
            startOver(begun);
        } else {
            last.addListener(done -> sent |= done.isSuccess());
        }
    }

    private void startOver(ClientCall begun) {
        call = null;
        begun.connection = null;
        begun.repeated = true;
        close();
        loop.connect(begun);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            if (call == null) {
                // Nobody asked, or it is more than was asked for.
                close();
            } else if (reader.read(in)) {
                finish(!in.isReadable());
            }
        } catch (IOException e) {
            fail(e);
        } finally {
            in.release();
        }
    }

    /// All that had come was read.
    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (ready) {
            ready = false;
            loop.keep(this);
        }
    }

    private void finish(boolean exactly) {
        ClientCall answered = call;
        if (answered == null) {
            return;
        }
        call = null;
        AnswerHead head = reader.head();
        byte[] body = reader.takeBody();
        if (exactly && sent && head.keepsOpen() && channel.isActive()) {
            ready = true;
        } else {
            close();
        }
        answered.answer(head.status(), head.fields(), body);
    }

    private void fail(Exception why) {
        ClientCall failed = call;
        call = null;
        close();
        if (failed != null) {
            failed.fail(why);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        fault = cause;
        channel.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        ready = false;
        loop.onClosed(this);
        ClientCall cut = call;
        if (cut == null) {
            reader.drop();
            return;
        }
        Throwable why = fault;
        if (why == null && reader.endsHere()) {
            finish(false);
        } else if (again && !cut.repeated && !reader.hasBegun() && cut.request.isSafe()) {
            startOver(cut);
        } else {
            fail(
                    why == null
                            ? new IOException(
                                    reader.hasBegun()
                                            ? "The connection was closed within the answer."
                                            : "The connection was closed without an answer.")
                            : new IOException("The connection broke: " + why.getMessage(), why));
        }
    }

    /// Closes it; a call on it hears nothing of that.
    void close() {
        call = null;
        ready = false;
        reader.drop();
        channel.close();
    }
}
