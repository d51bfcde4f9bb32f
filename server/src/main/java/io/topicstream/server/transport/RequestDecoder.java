package io.topicstream.server.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.util.AsciiString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Netty's request decoder, made strict where it is lenient: the request line, folded header lines, the number of
/// header fields; and made to stop where HTTP ends, after an upgrade or a refusal.
final class RequestDecoder extends HttpRequestDecoder {
    private final HttpConnection connection;
    private final HttpLimits limits;
    private boolean inHead = true;
    private boolean lineRead;
    private int headers;

    RequestDecoder(HttpConnection connection, HttpLimits limits) {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(limits.requestLineBytes())
                .setMaxHeaderSize(limits.headerBytes())
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true)
                .setAllowDuplicateContentLengths(false)
                .setValidateHeaders(true));
        this.connection = connection;
        this.limits = limits;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (!connection.takesHttp()) {
            if (!connection.isUpgrading()) {
                in.skipBytes(in.readableBytes());
            }
            return;
        }
        if (inHead) {
            connection.onHeadBytes();
            Refusal refusal = checkLines(in);
            if (refusal != null) {
                in.skipBytes(in.readableBytes());
                out.add(refusal);
                return;
            }
        }
        int before = out.size();
        super.decode(ctx, in, out);
        for (int i = before; i < out.size(); i++) {
            if (out.get(i) instanceof LastHttpContent) {
                inHead = true;
                lineRead = false;
                headers = 0;
            } else if (out.get(i) instanceof HttpMessage) {
                inHead = false;
            }
        }
    }

    /// Looks at the lines of a head that are there and not yet taken. The decoder takes whole lines only, so the
    /// buffer always starts with a line.
    private @Nullable Refusal checkLines(ByteBuf in) {
        int at = in.readerIndex();
        int end = in.writerIndex();
        if (!lineRead) {
            while (at < end && (in.getByte(at) == '\r' || in.getByte(at) == '\n')) {
                at++;
            }
            if (at == end) {
                return null;
            }
            if (in.getByte(at) < '!') {
                return new Refusal(0, "not an HTTP request");
            }
            int newline = in.indexOf(at, end, (byte) '\n');
            if (newline < 0) {
                return null;
            }
            Refusal refusal = checkRequestLine(in, at, newline);
            if (refusal != null) {
                return refusal;
            }
            at = newline + 1;
        }
        while (at < end) {
            byte first = in.getByte(at);
            if (first == ' ' || first == '\t') {
                return new Refusal(400, "folded header field");
            }
            if (first == '\r' || first == '\n') {
                return null;
            }
            int newline = in.indexOf(at, end, (byte) '\n');
            if (newline < 0) {
                return null;
            }
            at = newline + 1;
        }
        return null;
    }

    /// `method SP target SP HTTP/1.x CRLF`, each space exactly one (RFC 9112, 3).
    private @Nullable Refusal checkRequestLine(ByteBuf in, int from, int newline) {
        if (newline - from > limits.requestLineBytes()) {
            return null; // the decoder says so
        }
        int to = newline > from && in.getByte(newline - 1) == '\r' ? newline - 1 : newline;
        int spaces = 0;
        int lastSpace = from;
        for (int i = from; i < to; i++) {
            int value = in.getByte(i);
            if (value == ' ') {
                spaces++;
                if (i == from || (i == lastSpace + 1 && spaces > 1)) {
                    return new Refusal(400, "malformed request line");
                }
                lastSpace = i;
            } else if (value < '!' || value == 0x7F) {
                return new Refusal(400, "illegal character in the request line");
            }
        }
        int version = to - lastSpace - 1;
        if (spaces != 2
                || version != 8
                || in.getByte(lastSpace + 1) != 'H'
                || in.getByte(lastSpace + 2) != 'T'
                || in.getByte(lastSpace + 3) != 'T'
                || in.getByte(lastSpace + 4) != 'P'
                || in.getByte(lastSpace + 5) != '/') {
            return new Refusal(400, "malformed request line");
        }
        if (in.getByte(lastSpace + 6) != '1'
                || in.getByte(lastSpace + 7) != '.'
                || (in.getByte(lastSpace + 8) != '1' && in.getByte(lastSpace + 8) != '0')) {
            return new Refusal(505, "only HTTP/1.1");
        }
        return null;
    }

    @Override
    protected HttpMessage createMessage(String[] initialLine) throws Exception {
        lineRead = true;
        return super.createMessage(initialLine);
    }

    @Override
    protected AsciiString splitHeaderName(byte[] line, int start, int length) {
        if (++headers > limits.headerCount()) {
            throw new TooLongHttpHeaderException("more than " + limits.headerCount() + " header fields");
        }
        return super.splitHeaderName(line, start, length);
    }
}
