package io.topicstream.bench;

import java.nio.ByteBuffer;

/// HTTP/1.1 from the client's side, kept alive and pipelined: produce one message a request, or
/// consume pages of known offsets.
final class HttpWire implements Wire {
    private static final byte[] HEADER_END = Ascii.bytes("\r\n\r\n");
    private static final byte[] CONTENT_LENGTH = Ascii.bytes("\r\ncontent-length:");
    private static final byte[] CHUNKED = Ascii.bytes("\r\ntransfer-encoding: chunked");
    private static final byte[] LINE_END = Ascii.bytes("\r\n");
    private static final byte[] BODY_START = Ascii.bytes("{\"payload\":{\"d\":\"");
    private static final byte[] BODY_END = Ascii.bytes("\"}}");
    private static final int INCOMPLETE = -1;

    private final LoadOptions options;
    private final Dialer dialer;
    private final Tally tally;
    private final Pages pages;
    private final byte[][] heads;
    private final byte[] tail;
    private final byte[] scratch;

    HttpWire(LoadOptions options, Dialer dialer, Tally tally) {
        this.options = options;
        this.dialer = dialer;
        this.tally = tally;
        pages = new Pages(options, tally);
        heads = new byte[options.groups][];
        StringBuilder rest =
                new StringBuilder(" HTTP/1.1\r\nHost: ").append(options.host).append("\r\n");
        for (String header : options.headers) {
            rest.append(header).append("\r\n");
        }
        tail = Ascii.bytes(rest.append("\r\n").toString());
        scratch = new byte[options.size + 2_048 + tail.length];
    }

    @Override
    public void onConnected(Connection connection) {
        dialer.onHandshake(connection);
        dialer.onReady(connection);
    }

    @Override
    public void publish(Connection connection, long intendedNs, long number, int topic) {
        byte[] head = head(topic);
        System.arraycopy(head, 0, scratch, 0, head.length);
        int at = head.length;
        if (options.protocol == LoadOptions.Protocol.CONSUME) {
            at = Digits.write(scratch, at, pages.firstOffset(connection, number));
            at = append(tail, at);
        } else {
            at = append(BODY_START, at);
            at = Marker.write(scratch, at, intendedNs, connection.index, number, options.size - 8);
            at = append(BODY_END, at);
        }
        connection.write(scratch, at);
    }

    private byte[] head(int topic) {
        byte[] head = heads[topic];
        if (head == null) {
            String path = options.pathOf(false, topic, 0);
            if (options.protocol == LoadOptions.Protocol.CONSUME) {
                head = Ascii.bytes("GET " + path + "?limit=" + options.page + "&offset=");
            } else {
                int body = BODY_START.length + options.size - 8 + BODY_END.length;
                String headers = Ascii.text(ByteBuffer.wrap(tail), 0, tail.length - LINE_END.length);
                head = Ascii.bytes("POST " + path + headers + "Content-Type: application/json\r\nContent-Length: "
                        + body + "\r\n\r\n");
            }
            heads[topic] = head;
        }
        return head;
    }

    private int append(byte[] bytes, int at) {
        System.arraycopy(bytes, 0, scratch, at, bytes.length);
        return at + bytes.length;
    }

    @Override
    public int onBytes(Connection connection, ByteBuffer in, int from, int to, long nowNs) {
        int at = from;
        while (at < to) {
            int headEnd = Ascii.find(in, at, to, HEADER_END);
            if (headEnd < 0) {
                break;
            }
            int body = headEnd + HEADER_END.length;
            int length = Ascii.findIgnoringCase(in, at, headEnd + 2, CONTENT_LENGTH);
            int end;
            if (length >= 0) {
                int digits = length + CONTENT_LENGTH.length;
                while (in.get(digits) == ' ') {
                    digits++;
                }
                long bytes = Digits.read(in, digits, headEnd);
                end = body + bytes > to ? INCOMPLETE : (int) (body + bytes);
            } else if (Ascii.findIgnoringCase(in, at, headEnd + 2, CHUNKED) >= 0) {
                end = chunkedEnd(in, body, to);
            } else {
                end = body;
            }
            if (end == INCOMPLETE) {
                break;
            }
            if (in.get(at + 9) != '2') {
                dialer.onRefusal(connection, Ascii.text(in, at, Math.min(end, at + 400)));
                connection.acknowledged();
            } else {
                if (options.protocol == LoadOptions.Protocol.CONSUME) {
                    pages.onPage(connection, in, body, end, nowNs);
                }
                tally.onAck(connection, nowNs);
            }
            at = end;
        }
        return at - from;
    }

    private static int chunkedEnd(ByteBuffer in, int from, int to) {
        int at = from;
        while (true) {
            int line = Ascii.find(in, at, to, LINE_END);
            if (line < 0) {
                return INCOMPLETE;
            }
            int size =
                    Integer.parseInt(Ascii.text(in, at, line).split(";", 2)[0].trim(), 16);
            at = line + LINE_END.length;
            if (size == 0) {
                int trailer = Ascii.find(in, at, to, LINE_END);
                return trailer < 0 ? INCOMPLETE : trailer + LINE_END.length;
            }
            if (at + size + LINE_END.length > to) {
                return INCOMPLETE;
            }
            at += size + LINE_END.length;
        }
    }
}
