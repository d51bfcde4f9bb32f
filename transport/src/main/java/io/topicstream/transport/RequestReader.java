package io.topicstream.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Takes the bytes of one connection apart into request heads and bodies, and takes only what has one meaning
/// (RFC 9112): lines end with CRLF, there is one space where one is allowed, no folded fields, nothing before the
/// colon, no byte that has no business in its place. Whatever else comes is a [Refusal], as soon as the line with the
/// fault is there, and no byte after it is looked at.
///
/// Bytes that just came are read where the loop put them; only what is left of them when nothing more can be made of
/// it is kept, in an array of this connection's own. Limits act on what was read so far, not on what was promised.
final class RequestReader {
    private static final byte[] NO_BYTES = {};
    private static final int[] NO_MARKS = {};
    private static final int LEAST_KEPT_BYTES = 256;
    private static final int MOST_CHUNK_SIZE_DIGITS = 16;

    private static final byte NAME = 1;
    private static final byte VALUE = 2;
    /// What each byte may be part of.
    private static final byte[] KINDS = kinds();

    private static final String[] METHODS = {
        "GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"
    };

    private enum Chunk {
        SIZE,
        DATA,
        END,
        TRAILERS
    }

    private final HttpLimits limits;
    private final LoopMemory memory;

    // The bytes that came and are not read: bytes[at, end).
    private byte[] bytes = NO_BYTES;
    private int at;
    private int end;
    private boolean lent;

    // The head that is being read. Places are counted from its first byte.
    private boolean lineRead;
    private int targetFrom;
    private int targetTo;
    private boolean http10;
    private int fieldsFrom;
    private int lineFrom;
    private int fields;
    private long names;
    private int[] marks = NO_MARKS;

    // The body that is being read.
    private byte[] body = NO_BYTES;
    private int bodyBytes;
    private int mostBodyBytes;
    private boolean discarding;
    private long left;
    private boolean chunked;
    private Chunk chunk = Chunk.SIZE;
    private int trailerBytes;

    /// @param memory of the loop, read from until [#settle]
    RequestReader(HttpLimits limits, LoopMemory memory) {
        this.limits = limits;
        this.memory = memory;
    }

    private static byte[] kinds() {
        byte[] kinds = new byte[256];
        for (int i = 0; i < kinds.length; i++) {
            boolean letter = (i >= 'a' && i <= 'z') || (i >= 'A' && i <= 'Z') || (i >= '0' && i <= '9');
            boolean name = letter || (i > ' ' && i < 0x7F && "!#$%&'*+-.^_`|~".indexOf(i) >= 0);
            boolean value = i == '\t' || (i >= ' ' && i != 0x7F);
            kinds[i] = (byte) ((name ? NAME : 0) | (value ? VALUE : 0));
        }
        return kinds;
    }

    // ---- bytes ----

    /// Adds what came. [#settle] must follow, when as much as possible was made of it.
    void add(ByteBuf in) {
        int more = in.readableBytes();
        if (at == end) {
            bytes = memory.lendInput(more);
            lent = true;
            at = 0;
            end = 0;
        } else if (end + more > bytes.length) {
            int kept = end - at;
            bytes = Arrays.copyOf(
                    Arrays.copyOfRange(bytes, at, end), Math.max(LEAST_KEPT_BYTES, Math.max(kept * 2, kept + more)));
            at = 0;
            end = kept;
        }
        in.readBytes(bytes, end, more);
        end += more;
    }

    /// Gives the loop's memory back, and keeps what is left.
    void settle() {
        if (lent) {
            lent = false;
            byte[] shared = bytes;
            bytes = at == end ? NO_BYTES : Arrays.copyOfRange(shared, at, end);
            end -= at;
            at = 0;
            memory.takeBackInput(shared);
        } else if (at == end) {
            bytes = NO_BYTES;
            at = 0;
            end = 0;
        }
    }

    /// Whether there are bytes that are not read.
    boolean hasBytes() {
        return at < end;
    }

    /// Takes out what is left, for who speaks another protocol.
    byte[] takeRest() {
        byte[] rest = Arrays.copyOfRange(bytes, at, end);
        drop();
        return rest;
    }

    /// Throws away whatever is there.
    void drop() {
        at = end;
        body = NO_BYTES;
        bodyBytes = 0;
        marks = NO_MARKS;
    }

    // ---- head ----

    /// Whether any byte of a head is there, but for empty lines, which may stand before it.
    boolean hasHeadBytes() {
        if (!lineRead) {
            while (at < end && (bytes[at] == '\r' || bytes[at] == '\n')) {
                at++;
            }
        }
        return at < end;
    }

    /// Reads on in the head; whether it is whole. Then it is [RequestGuard]'s to judge, and [#takeFields] must follow.
    ///
    /// @throws Refusal if it can be no head
    boolean readHead() {
        return hasHeadBytes() && (lineRead || readRequestLine()) && readFields();
    }

    /// `method SP target SP HTTP/1.x CRLF`, each space exactly one (RFC 9112, 3).
    private boolean readRequestLine() {
        byte[] in = bytes;
        int from = at;
        if (in[from] <= ' ') {
            throw new Refusal(0, "not an HTTP request");
        }
        int firstSpace = -1;
        int secondSpace = -1;
        int to = from;
        int most = Math.min(end, from + limits.requestLineBytes() + 1);
        for (; to < most; to++) {
            byte value = in[to];
            if (value > ' ' && value != 0x7F) {
                continue;
            }
            if (value == '\r') {
                break;
            }
            if (value != ' ') {
                throw new Refusal(400, "illegal character in the request line");
            }
            if (firstSpace < 0) {
                firstSpace = to;
            } else if (secondSpace < 0 && to > firstSpace + 1) {
                secondSpace = to;
            } else {
                throw new Refusal(400, "malformed request line");
            }
        }
        if (to - from > limits.requestLineBytes()) {
            throw new Refusal(414, "the request line is too long");
        }
        if (to + 1 >= end) {
            return false;
        }
        if (in[to + 1] != '\n') {
            throw new Refusal(400, "illegal character in the request line");
        }
        int version = secondSpace + 1;
        if (secondSpace < 0
                || to - version != 8
                || in[version] != 'H'
                || in[version + 1] != 'T'
                || in[version + 2] != 'T'
                || in[version + 3] != 'P'
                || in[version + 4] != '/') {
            throw new Refusal(400, "malformed request line");
        }
        if (in[version + 5] != '1' || in[version + 6] != '.' || (in[version + 7] != '1' && in[version + 7] != '0')) {
            throw new Refusal(505, "only HTTP/1.1");
        }
        http10 = in[version + 7] == '0';
        targetFrom = firstSpace + 1 - from;
        targetTo = secondSpace - from;
        fieldsFrom = to + 2 - from;
        lineFrom = fieldsFrom;
        lineRead = true;
        fields = 0;
        names = 0;
        return true;
    }

    private boolean readFields() {
        byte[] in = bytes;
        int to = end;
        while (true) {
            int from = at + lineFrom;
            int i = from;
            if (i < to && in[i] == '\r') {
                if (i + 1 == to) {
                    return false;
                }
                requireNewline(in[i + 1]);
                lineFrom += 2;
                return true;
            }
            while (i < to && (KINDS[in[i] & 0xFF] & NAME) != 0) {
                i++;
            }
            int nameTo = i;
            if (i < to) {
                requireColon(in[i], i - from);
                i++;
                while (i < to && (in[i] == ' ' || in[i] == '\t')) {
                    i++;
                }
            }
            int valueFrom = i;
            while (i < to && (KINDS[in[i] & 0xFF] & VALUE) != 0) {
                i++;
            }
            if (i - at - fieldsFrom > limits.headerBytes()) {
                throw tooLarge();
            }
            if (i < to && in[i] != '\r') {
                throw new Refusal(400, "illegal character in a header field");
            }
            if (i + 1 >= to) {
                return false;
            }
            requireNewline(in[i + 1]);
            lineFrom = i + 2 - at;
            if (++fields > limits.headerCount()) {
                throw tooLarge();
            }
            while (i > valueFrom && (in[i - 1] == ' ' || in[i - 1] == '\t')) {
                i--;
            }
            names |= HeadFields.bit(in[from], nameTo - from);
            mark(from, nameTo, valueFrom, i);
        }
    }

    private static void requireNewline(byte value) {
        if (value != '\n') {
            throw new Refusal(400, "a line must end with CR and LF");
        }
    }

    private static void requireColon(byte value, int nameBytes) {
        if (nameBytes == 0 && (value == ' ' || value == '\t')) {
            throw new Refusal(400, "folded header field");
        }
        if (nameBytes == 0 || value != ':') {
            throw new Refusal(400, "malformed header field");
        }
    }

    private static Refusal tooLarge() {
        return new Refusal(431, "header fields are too large or too many");
    }

    private void mark(int nameFrom, int nameTo, int valueFrom, int valueTo) {
        int start = at + fieldsFrom;
        int next = (fields - 1) * HeadFields.MARKS;
        if (next == marks.length) {
            marks = Arrays.copyOf(marks, Math.max(8 * HeadFields.MARKS, 2 * next));
        }
        marks[next] = nameFrom - start;
        marks[next + 1] = nameTo - start;
        marks[next + 2] = valueFrom - start;
        marks[next + 3] = valueTo - start;
    }

    /// Whether the head that was read is one of HTTP/1.0.
    boolean isHttp10() {
        return http10;
    }

    /// The method of the head that was read; empty for one that nobody knows.
    String method() {
        int length = targetFrom - 1;
        for (String method : METHODS) {
            if (method.length() == length && isAt(method)) {
                return method;
            }
        }
        return "";
    }

    private boolean isAt(String method) {
        for (int i = 0; i < method.length(); i++) {
            if (bytes[at + i] != method.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /// The target of the head that was read: printable ASCII, and not empty.
    String target() {
        return new String(bytes, at + targetFrom, targetTo - targetFrom, ISO_8859_1);
    }

    /// The same, if it was read before.
    @Nullable
    RequestTarget knownTarget(RequestTarget.Recent recent) {
        return recent.find(bytes, at + targetFrom, at + targetTo);
    }

    /// The fields of the head that was read, with which it is taken out.
    HeadFields takeFields() {
        byte[] own = Arrays.copyOfRange(bytes, at + fieldsFrom, at + lineFrom);
        HeadFields taken = new HeadFields(own, Arrays.copyOf(marks, fields * HeadFields.MARKS), names);
        at += lineFrom;
        lineRead = false;
        return taken;
    }

    // ---- body ----

    /// Begins with the body that belongs to the head just taken.
    ///
    /// @param length in bytes; negative: it comes in chunks
    void beginBody(long length) {
        body = NO_BYTES;
        bodyBytes = 0;
        mostBodyBytes = limits.bodyBytes();
        discarding = false;
        chunked = length < 0;
        left = Math.max(0, length);
        chunk = Chunk.SIZE;
        trailerBytes = 0;
    }

    /// Takes no more of the body than this.
    ///
    /// @throws Refusal if it is longer already, or says that it will be
    void limitBody(int mostBytes) {
        mostBodyBytes = Math.min(mostBodyBytes, mostBytes);
        if (bodyBytes + left > mostBodyBytes) {
            throw tooLong();
        }
    }

    /// Throws the body away, what is there and what will come.
    void discardBody() {
        discarding = true;
        body = NO_BYTES;
        bodyBytes = 0;
    }

    /// How much of the body will still come, in bytes; unknown, and the largest number, where it comes in
    /// chunks.
    long bodyBytesLeft() {
        return chunked ? Long.MAX_VALUE : left;
    }

    /// The memory that this holds between two reads.
    int keptBytes() {
        return (lent ? 0 : bytes.length) + body.length;
    }

    /// How much of the body is there.
    int bodyBytes() {
        return bodyBytes;
    }

    /// Reads on in the body; whether it is whole.
    ///
    /// @throws Refusal if it can be none, or is too large
    boolean readBody() {
        if (!chunked) {
            takeBody();
            return left == 0;
        }
        while (chunk != Chunk.TRAILERS) {
            boolean isRead = switch (chunk) {
                case SIZE -> readChunkSize();
                case DATA -> readChunkData();
                case END -> readChunkEnd();
                case TRAILERS -> true;
            };
            if (!isRead) {
                return false;
            }
        }
        return readTrailers();
    }

    /// The body that was read, for the receiver to keep.
    byte[] takeWholeBody() {
        byte[] whole = bodyBytes == body.length ? body : Arrays.copyOf(body, bodyBytes);
        body = NO_BYTES;
        bodyBytes = 0;
        return whole;
    }

    /// Moves what there is of the `left` next bytes into the body.
    private void takeBody() {
        int more = (int) Math.min(left, end - at);
        if (more == 0) {
            return;
        }
        if (discarding) {
            at += more;
            left -= more;
            return;
        }
        if (bodyBytes + more > body.length) {
            int wanted = Math.max(bodyBytes + more, Math.min(body.length * 2, limits.bodyBytes()));
            body = Arrays.copyOf(body, chunked ? wanted : (int) Math.min(wanted, bodyBytes + left));
        }
        System.arraycopy(bytes, at, body, bodyBytes, more);
        bodyBytes += more;
        at += more;
        left -= more;
    }

    /// `size [;extension] CRLF`; extensions are not looked at (RFC 9112, 7.1.1).
    private boolean readChunkSize() {
        long size = 0;
        int i = at;
        for (; i < end; i++) {
            int digit = Character.digit(bytes[i], 16);
            if (digit < 0) {
                break;
            }
            if (i - at == MOST_CHUNK_SIZE_DIGITS) {
                throw malformedBody();
            }
            size = size << 4 | digit;
        }
        if (i == end) {
            return false;
        }
        if (i == at || size < 0 || (bytes[i] != '\r' && bytes[i] != ';')) {
            throw malformedBody();
        }
        while (i < end && (KINDS[bytes[i] & 0xFF] & VALUE) != 0) {
            i++;
        }
        if (i - at > limits.requestLineBytes() || (i < end && bytes[i] != '\r')) {
            throw malformedBody();
        }
        if (i + 1 >= end) {
            return false;
        }
        if (bytes[i + 1] != '\n') {
            throw malformedBody();
        }
        if (size > mostBodyBytes - bodyBytes) {
            throw tooLong();
        }
        at = i + 2;
        left = size;
        chunk = size == 0 ? Chunk.TRAILERS : Chunk.DATA;
        return true;
    }

    private boolean readChunkData() {
        takeBody();
        if (left > 0) {
            return false;
        }
        chunk = Chunk.END;
        return true;
    }

    private boolean readChunkEnd() {
        if (at < end && bytes[at] != '\r') {
            throw malformedBody();
        }
        if (at + 1 >= end) {
            return false;
        }
        if (bytes[at + 1] != '\n') {
            throw malformedBody();
        }
        at += 2;
        chunk = Chunk.SIZE;
        return true;
    }

    /// Fields after the last chunk: they must be fields, and mean nothing here.
    private boolean readTrailers() {
        while (at < end) {
            int i = at;
            if (bytes[i] == '\r') {
                if (i + 1 == end) {
                    return false;
                }
                requireNewline(bytes[i + 1]);
                at += 2;
                return true;
            }
            while (i < end && (KINDS[bytes[i] & 0xFF] & NAME) != 0) {
                i++;
            }
            if (i < end) {
                requireColon(bytes[i], i - at);
            }
            while (i < end && (KINDS[bytes[i] & 0xFF] & VALUE) != 0) {
                i++;
            }
            if (trailerBytes + i - at > limits.headerBytes()) {
                throw tooLarge();
            }
            if (i < end && bytes[i] != '\r') {
                throw malformedBody();
            }
            if (i + 1 >= end) {
                return false;
            }
            requireNewline(bytes[i + 1]);
            if (++fields > limits.headerCount()) {
                throw tooLarge();
            }
            trailerBytes += i + 2 - at;
            at = i + 2;
        }
        return false;
    }

    private Refusal tooLong() {
        return new Refusal(413, "the body is larger than " + mostBodyBytes + " bytes");
    }

    private static Refusal malformedBody() {
        return new Refusal(400, "malformed request body");
    }
}
