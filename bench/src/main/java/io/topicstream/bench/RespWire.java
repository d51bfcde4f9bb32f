package io.topicstream.bench;

import java.nio.ByteBuffer;

/// RESP from the client's side, pipelined: `XADD` of one message, or `XRANGE` of a page.
final class RespWire implements Wire {
    private static final byte[] LINE_END = Ascii.bytes("\r\n");

    private final LoadOptions options;
    private final Dialer dialer;
    private final Tally tally;
    private final Pages pages;
    private final byte[] scratch;

    RespWire(LoadOptions options, Dialer dialer, Tally tally) {
        this.options = options;
        this.dialer = dialer;
        this.tally = tally;
        pages = new Pages(options, tally);
        scratch = new byte[options.size + 512];
    }

    @Override
    public void onConnected(Connection connection) {
        dialer.onHandshake(connection);
        dialer.onReady(connection);
    }

    @Override
    public void publish(Connection connection, long intendedNs, long number, int topic) {
        String key = options.pathOf(false, topic, 0);
        if (options.protocol == LoadOptions.Protocol.XRANGE) {
            String start = pages.firstOffset(connection, number) + "-0";
            byte[] request = Ascii.bytes("*6\r\n$6\r\nXRANGE\r\n" + bulk(key) + bulk(start) + bulk("+") + bulk("COUNT")
                    + bulk(Integer.toString(options.page)));
            connection.write(request, request.length);
            return;
        }
        String id = options.explicitIds ? number + 1 + "-0" : "*";
        byte[] head =
                Ascii.bytes("*5\r\n$4\r\nXADD\r\n" + bulk(key) + bulk(id) + bulk("d") + "$" + options.size + "\r\n");
        System.arraycopy(head, 0, scratch, 0, head.length);
        int at = Marker.write(scratch, head.length, intendedNs, connection.index, number, options.size);
        scratch[at++] = '\r';
        scratch[at++] = '\n';
        connection.write(scratch, at);
    }

    private static String bulk(String text) {
        return "$" + text.length() + "\r\n" + text + "\r\n";
    }

    @Override
    public int onBytes(Connection connection, ByteBuffer in, int from, int to, long nowNs) {
        int at = from;
        while (at < to) {
            int end = replyEnd(in, at, to);
            if (end < 0) {
                break;
            }
            if (in.get(at) == '-') {
                dialer.onRefusal(connection, Ascii.text(in, at, Math.min(end, at + 200)));
                connection.acknowledged();
            } else {
                if (options.protocol == LoadOptions.Protocol.XRANGE) {
                    pages.onPage(connection, in, at, end, nowNs);
                }
                tally.onAck(connection, nowNs);
            }
            at = end;
        }
        return at - from;
    }

    /// The position after one whole reply, arrays with all that is in them, or -1.
    private static int replyEnd(ByteBuffer in, int from, int to) {
        int at = from;
        long parts = 1;
        while (parts > 0) {
            int line = Ascii.find(in, at, to, LINE_END);
            if (line < 0) {
                return -1;
            }
            int kind = in.get(at);
            boolean nil = in.get(at + 1) == '-';
            long number = nil ? 0 : Digits.read(in, at + 1, line);
            at = line + LINE_END.length;
            parts--;
            if (kind == '*') {
                parts += number;
            } else if (kind == '$' && !nil) {
                if (at + number + LINE_END.length > to) {
                    return -1;
                }
                at += (int) number + LINE_END.length;
            }
        }
        return at;
    }
}
