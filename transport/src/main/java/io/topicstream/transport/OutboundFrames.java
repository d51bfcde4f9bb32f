package io.topicstream.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;

/// The way of one shared frame to one of its many receivers.
///
/// A broadcast is almost always: nothing is waiting, the socket takes the whole frame. Then the frame goes
/// straight to the socket's descriptor, without an entry in the channel's outbound buffer, a reference counted or
/// a flush. This is what Netty would do after its bookkeeping, so the two paths mix freely: the short one is taken
/// only while the channel has nothing queued, and what a full socket did not take goes the ordinary way. Where
/// something stands between the outlet and its socket, as TLS does, every frame goes the ordinary way.
///
/// To be used on the outlet's event loop only. The caller keeps its reference to the frame.
public final class OutboundFrames {
    /// Up to so many bytes a queued frame is copied: it may stand in a larger piece of memory, and a peer that
    /// stalls must not hold on to all of that.
    public static final int COPIED_BYTES = 4 * 1024;

    /// The outcome of a [#write].
    public enum Outcome {
        /// The socket has it.
        WRITTEN,
        /// It is queued and leaves with the next [Outlet#flush], which the caller owes.
        QUEUED,
        /// The outlet takes nothing now, or nothing any more. The frame was not sent, nor any part of it.
        NOT_WRITABLE
    }

    private OutboundFrames() {}

    /// Sends `length` bytes of `memory`, whose indices stay as they are. To take the short path the memory is
    /// one direct buffer that no other thread uses.
    public static Outcome write(Outlet outlet, ByteBuf memory, int from, int length) {
        if (!outlet.isWritable()) {
            return Outcome.NOT_WRITABLE;
        }
        Channel channel = outlet.channel();
        if (outlet.isBare()
                && channel instanceof EpollSocketChannel epoll
                && memory.isDirect()
                && memory.nioBufferCount() == 1) {
            ChannelOutboundBuffer queued = channel.unsafe().outboundBuffer();
            if (queued != null && queued.totalPendingWriteBytes() == 0) {
                return writeNow(outlet, epoll, memory, from, length);
            }
        }
        return queue(outlet, memory, from, length);
    }

    private static Outcome writeNow(Outlet outlet, EpollSocketChannel channel, ByteBuf memory, int from, int length) {
        int written;
        try {
            written = send(channel.fd(), memory, from, length);
        } catch (IOException e) {
            // Reset by the peer; the ordinary path would close it on a failed flush as well.
            outlet.abort();
            return Outcome.NOT_WRITABLE;
        }
        return written == length ? Outcome.WRITTEN : queue(outlet, memory, from + written, length - written);
    }

    private static Outcome queue(Outlet outlet, ByteBuf memory, int from, int length) {
        outlet.write(
                length <= COPIED_BYTES
                        ? outlet.channel().alloc().directBuffer(length).writeBytes(memory, from, length)
                        : memory.retainedSlice(from, length));
        return Outcome.QUEUED;
    }

    private static int send(FileDescriptor descriptor, ByteBuf memory, int from, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (memory.hasMemoryAddress()) {
            return descriptor.writeAddress(memory.memoryAddress(), from, from + length);
        }
        ByteBuffer bytes = memory.internalNioBuffer(from, length);
        return descriptor.write(bytes, bytes.position(), bytes.limit());
    }
}
