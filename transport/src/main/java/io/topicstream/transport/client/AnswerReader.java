package io.topicstream.transport.client;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.net.ProtocolException;
import org.jspecify.annotations.Nullable;

/// Takes the bytes of one connection apart into answers, one after the other. Limits act on what has come, each byte
/// is looked at once, and after a fault no byte more. Belongs to its loop.
final class AnswerReader {
    private enum Part {
        HEAD,
        LENGTH,
        UNTIL_CLOSED,
        CHUNK_SIZE,
        CHUNK_EXTENSION,
        CHUNK_SIZE_LF,
        CHUNK_DATA,
        CHUNK_CR,
        CHUNK_LF,
        TRAILERS,
        DONE
    }

    /// A chunk may have 2^28 bytes less one, which is more than any body may have.
    private static final int MOST_SIZE_DIGITS = 7;

    private final ClientLimits limits;
    private final AnswerBody bytes;
    private final byte[] scratch;

    private Part part = Part.DONE;
    private boolean forHead;
    private boolean begun;
    /// What this answer has of heads, chunk lines and trailers.
    private int framingBytes;
    /// The bytes of the line that is being read, without CR.
    private int lineBytes;
    private long left;
    private int sizeDigits;
    private @Nullable AnswerHead head;

    /// @param scratch as large as a head may be; used within [#read] only, so that readers may share it
    AnswerReader(ClientLimits limits, AnswerRoom room, byte[] scratch) {
        this.limits = limits;
        this.scratch = scratch;
        this.bytes = new AnswerBody(room);
    }

    /// Begins with the answer to another request.
    void begin(boolean forHeadMethod) {
        part = Part.HEAD;
        forHead = forHeadMethod;
        begun = false;
        framingBytes = 0;
        lineBytes = 0;
        head = null;
        bytes.begin(limits.headBytes(), -1);
    }

    /// Whether a byte of the answer has come.
    boolean hasBegun() {
        return begun;
    }

    /// Reads on; whether the answer is whole. Bytes behind it are left.
    ///
    /// @throws IOException if it can be none, or is too large
    boolean read(ByteBuf in) throws IOException {
        begun |= in.isReadable();
        while (part != Part.DONE && in.isReadable()) {
            switch (part) {
                case HEAD -> readHead(in);
                case LENGTH -> readLength(in);
                case UNTIL_CLOSED -> take(in, in.readableBytes());
                case CHUNK_SIZE -> readSize(in.readByte());
                case CHUNK_EXTENSION -> skipExtension(in.readByte());
                case CHUNK_SIZE_LF -> endSize(in.readByte());
                case CHUNK_DATA -> readChunk(in);
                case CHUNK_CR -> expect(in.readByte(), '\r', Part.CHUNK_LF);
                case CHUNK_LF -> endChunk(in.readByte());
                case TRAILERS -> skipTrailer(in.readByte());
                case DONE -> {}
            }
        }
        return part == Part.DONE;
    }

    /// The server has closed its side; whether that is the end of the answer.
    boolean endsHere() {
        if (part == Part.UNTIL_CLOSED) {
            part = Part.DONE;
        }
        return part == Part.DONE;
    }

    /// The head of the answer that is whole.
    AnswerHead head() {
        AnswerHead read = head;
        if (read == null) {
            throw new IllegalStateException("no answer was read");
        }
        return read;
    }

    /// The body of the answer that is whole; it is then the receiver's, and no longer counted.
    byte[] takeBody() {
        byte[] whole = bytes.whole();
        bytes.release();
        return whole;
    }

    /// Forgets what was read.
    void drop() {
        part = Part.DONE;
        head = null;
        bytes.release();
    }

    // ---- head ----

    private void readHead(ByteBuf in) throws IOException {
        int from = in.readerIndex();
        int to = in.writerIndex();
        int at = from;
        boolean whole = false;
        while (at < to && !whole) {
            byte value = in.getByte(at++);
            if (value == '\n') {
                whole = lineBytes == 0;
                lineBytes = 0;
            } else if (value != '\r') {
                lineBytes++;
            }
        }
        frame(at - from);
        if (whole && bytes.length() == 0) {
            in.readBytes(scratch, 0, at - from);
            onHead(AnswerHead.read(scratch, at - from, forHead));
            return;
        }
        bytes.take(in, at - from);
        if (whole) {
            onHead(AnswerHead.read(bytes.array(), bytes.length(), forHead));
        }
    }

    private void onHead(AnswerHead read) throws IOException {
        lineBytes = 0;
        if (read.isInterim()) {
            bytes.begin(limits.headBytes(), -1);
            return;
        }
        head = read;
        if (read.length() > limits.bodyBytes()) {
            throw tooLarge();
        }
        bytes.begin(limits.bodyBytes(), (int) Math.max(-1, read.length()));
        left = Math.max(0, read.length());
        if (read.length() == AnswerHead.CHUNKED) {
            part = Part.CHUNK_SIZE;
            sizeDigits = 0;
        } else if (read.length() == AnswerHead.UNTIL_CLOSED) {
            part = Part.UNTIL_CLOSED;
        } else {
            part = left == 0 ? Part.DONE : Part.LENGTH;
        }
    }

    private void frame(int more) throws IOException {
        framingBytes += more;
        if (framingBytes > limits.headBytes()) {
            throw new LargeAnswerException("The head of the answer has more than " + limits.headBytes() + " bytes.");
        }
    }

    // ---- body ----

    private void take(ByteBuf in, int more) throws IOException {
        if (!bytes.fits(more)) {
            throw tooLarge();
        }
        bytes.take(in, more);
    }

    private LargeAnswerException tooLarge() {
        return new LargeAnswerException("The answer has more than " + limits.bodyBytes() + " bytes.");
    }

    private void readLength(ByteBuf in) throws IOException {
        takeLeft(in);
        if (left == 0) {
            part = Part.DONE;
        }
    }

    private void takeLeft(ByteBuf in) throws IOException {
        int more = (int) Math.min(left, in.readableBytes());
        take(in, more);
        left -= more;
    }

    private void readSize(byte value) throws IOException {
        int digit = Character.digit(value, 16);
        if (digit >= 0) {
            // Zeros in front of it count as framing, so that there is an end of them.
            if (left == 0 && sizeDigits > 0) {
                frame(1);
            } else if (sizeDigits == MOST_SIZE_DIGITS) {
                throw tooLarge();
            }
            left = left * 16 + digit;
            sizeDigits = left == 0 ? 1 : sizeDigits + 1;
            return;
        }
        if (sizeDigits == 0) {
            throw new ProtocolException("The size of a chunk is no number.");
        }
        part = switch (value) {
            case '\r' -> Part.CHUNK_SIZE_LF;
            case ';', ' ', '\t' -> Part.CHUNK_EXTENSION;
            default -> throw new ProtocolException("The size of a chunk is no number.");
        };
    }

    private void skipExtension(byte value) throws IOException {
        frame(1);
        if (value == '\r') {
            part = Part.CHUNK_SIZE_LF;
        } else if (value == '\n') {
            throw new ProtocolException("A line of a chunk has no end.");
        }
    }

    private void endSize(byte value) throws IOException {
        expect(value, '\n', left == 0 ? Part.TRAILERS : Part.CHUNK_DATA);
        lineBytes = 0;
        if (left > limits.bodyBytes()) {
            throw tooLarge();
        }
    }

    private void readChunk(ByteBuf in) throws IOException {
        takeLeft(in);
        if (left == 0) {
            part = Part.CHUNK_CR;
        }
    }

    private void endChunk(byte value) throws IOException {
        expect(value, '\n', Part.CHUNK_SIZE);
        sizeDigits = 0;
    }

    private void expect(byte value, char wanted, Part then) throws IOException {
        if (value != wanted) {
            throw new ProtocolException("A chunk does not end where it should.");
        }
        part = then;
    }

    /// Trailers are not passed on.
    private void skipTrailer(byte value) throws IOException {
        frame(1);
        if (value == '\n') {
            if (lineBytes == 0) {
                part = Part.DONE;
            }
            lineBytes = 0;
        } else if (value != '\r') {
            lineBytes++;
        }
    }
}
