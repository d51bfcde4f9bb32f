package io.topicstream.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import org.jspecify.annotations.Nullable;

/// The memory that the connections of one event loop share, so that none of them needs its own while it is idle: what
/// sockets are read into, what requests are read from, what frames are unmasked into. Used on that loop only.
final class LoopMemory {
    private static final int READ_BYTES = 16 * 1024;
    private static final int KEPT_SCRATCH_BYTES = 256 * 1024;
    private static final byte[] NO_BYTES = {};

    private final SharedReads reads = new SharedReads();
    private byte[] scratch = new byte[READ_BYTES];
    private byte[] input = new byte[READ_BYTES];

    /// What sockets are read into.
    RecvByteBufAllocator reads() {
        return reads;
    }

    /// Memory of at least `bytes` to read into, until [#takeBackInput].
    byte[] lendInput(int bytes) {
        byte[] lent = input;
        if (bytes > lent.length) {
            return new byte[bytes];
        }
        input = NO_BYTES;
        return lent;
    }

    /// Ends a [#lendInput].
    void takeBackInput(byte[] lent) {
        if (input.length == 0 && lent.length == READ_BYTES) {
            input = lent;
        }
    }

    /// Memory of at least `bytes`, good until the next call.
    byte[] scratch(int bytes) {
        if (bytes <= scratch.length) {
            return scratch;
        }
        byte[] larger = new byte[Math.max(bytes, Math.min(KEPT_SCRATCH_BYTES, Integer.highestOneBit(bytes) << 1))];
        if (larger.length <= KEPT_SCRATCH_BYTES) {
            scratch = larger;
        }
        return larger;
    }

    /// Gives back what reads shared, when the loop has ended.
    void close() {
        reads.close();
    }

    /// Reads of one size whose bookkeeping and whose buffer are one per loop instead of one per connection: a
    /// loop reads one socket at a time, and mostly nothing is left of a read when the next one begins. A buffer
    /// of which somebody keeps a part is left to its keeper.
    @SuppressWarnings("deprecation") // the handle's own type is deprecated in favour of its sub-interface
    private static final class SharedReads extends DefaultMaxMessagesRecvByteBufAllocator {
        private @Nullable ByteBuf buffer;

        private final Handle shared = new MaxMessageHandle() {
            @Override
            public int guess() {
                return READ_BYTES;
            }

            @Override
            public ByteBuf allocate(ByteBufAllocator allocator) {
                ByteBuf mine = buffer;
                if (mine == null || mine.refCnt() > 1) {
                    close();
                    // Of this kind bytes can be read without a second view of the memory.
                    mine = PooledByteBufAllocator.DEFAULT.directBuffer(READ_BYTES);
                    buffer = mine;
                }
                return mine.clear().retain();
            }
        };

        SharedReads() {
            super(16);
        }

        @Override
        public Handle newHandle() {
            return shared;
        }

        void close() {
            ByteBuf mine = buffer;
            buffer = null;
            if (mine != null) {
                mine.release();
            }
        }
    }
}
