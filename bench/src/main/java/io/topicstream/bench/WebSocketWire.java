package io.topicstream.bench;

import java.nio.ByteBuffer;
import java.util.concurrent.ThreadLocalRandom;

/// WebSocket from the client's side: a handshake, an own frame reader and writer, and inside the
/// frames either bare payloads or TopicStream's native protocol.
///
/// Deliveries are found by their markers, whatever is around them, also in arrays of frames. A
/// message without a marker is an answer and is read for what it answers.
final class WebSocketWire implements Wire {
    private static final int TEXT = 1;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int MAX_MESSAGE_BYTES = 2 << 20;
    private static final int SUBSCRIBES_A_FRAME = 100;

    private static final byte[] HEADER_END = Ascii.bytes("\r\n\r\n");
    /// Accept value of the sample key of RFC 6455, section 1.3, which every connection uses.
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    private static final byte[] ACCEPT = Ascii.bytes("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    private static final byte[] TYPE = Ascii.bytes("\"type\":\"");
    private static final byte[] COUNT = Ascii.bytes("\"count\":");
    /// How a message begins that runs the route, and what a gateway says where that fails.
    private static final byte[] CALL = Ascii.bytes("{\"action\":\"call\",\"d\":\"");

    private static final byte[] FAILURE = Ascii.bytes("{\"message\"");
    private static final byte[] ID = Ascii.bytes(",\"id\":");

    private final LoadOptions options;
    private final Dialer dialer;
    private final Tally tally;
    private final boolean nativeFrames;
    private final Marker marker = new Marker();
    private final byte[] scratch;
    private final ByteBuffer words;
    private final byte[][] prefixes;
    private final byte[] suffix;
    private long random = ThreadLocalRandom.current().nextLong() | 1;

    WebSocketWire(LoadOptions options, Dialer dialer, Tally tally) {
        this.options = options;
        this.dialer = dialer;
        this.tally = tally;
        nativeFrames = options.protocol == LoadOptions.Protocol.NATIVE;
        prefixes = new byte[nativeFrames ? options.groups : 0][];
        suffix = Ascii.bytes("\"}");
        scratch = new byte[options.size + 1_024];
        words = ByteBuffer.wrap(scratch);
    }

    @Override
    public void onConnected(Connection connection) {
        StringBuilder request = new StringBuilder(256)
                .append("GET ")
                .append(options.pathOf(connection.subscriber, connection.group, connection.index))
                .append(" HTTP/1.1\r\nHost: ")
                .append(options.host)
                .append(':')
                .append(options.port)
                .append("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n")
                .append("Sec-WebSocket-Key: ")
                .append(KEY)
                .append("\r\n");
        if (nativeFrames) {
            request.append("Sec-WebSocket-Protocol: topicstream.v1\r\n");
        }
        for (String header : options.headers) {
            request.append(header).append("\r\n");
        }
        byte[] bytes = Ascii.bytes(request.append("\r\n").toString());
        connection.write(bytes, bytes.length);
        connection.flush();
    }

    // ---- reading

    @Override
    public int onBytes(Connection connection, ByteBuffer in, int from, int to, long nowNs) {
        int at = from;
        if (connection.state == Connection.State.HANDSHAKE) {
            int end = Ascii.find(in, from, to, HEADER_END);
            if (end < 0) {
                return 0;
            }
            at = end + HEADER_END.length;
            if (in.get(from + 9) != '1' || in.get(from + 11) != '1' || Ascii.find(in, from, at, ACCEPT) < 0) {
                dialer.drop(connection, "handshake refused: " + Ascii.text(in, from, Math.min(at, from + 200)));
                return to - from;
            }
            dialer.onHandshake(connection);
            onOpen(connection);
        }
        while (to - at >= 2 && connection.state != Connection.State.DEAD) {
            int first = in.get(at);
            int length = in.get(at + 1);
            int header = 2;
            if (length < 0 || (first & 0x70) != 0) {
                dialer.drop(connection, "a frame that a server must not send");
                return to - from;
            }
            if (length == 126) {
                if (to - at < 4) {
                    break;
                }
                length = (in.get(at + 2) & 0xFF) << 8 | (in.get(at + 3) & 0xFF);
                header = 4;
            } else if (length == 127) {
                if (to - at < 10) {
                    break;
                }
                long size = 0;
                for (int i = 2; i < 10; i++) {
                    size = size << 8 | (in.get(at + i) & 0xFF);
                }
                if (size < 0 || size > MAX_MESSAGE_BYTES) {
                    dialer.drop(connection, "a frame of " + size + " bytes");
                    return to - from;
                }
                length = (int) size;
                header = 10;
            }
            if (to - at < header + length) {
                break;
            }
            int payload = at + header;
            at = payload + length;
            onFrame(connection, first, in, payload, at, nowNs);
        }
        return at - from;
    }

    private void onFrame(Connection connection, int first, ByteBuffer in, int from, int to, long nowNs) {
        switch (first & 0x0F) {
            case 0, TEXT, 2 -> {
                if (first >= 0 || (first & 0x0F) == 0) {
                    // No server under test splits messages; a marker across a split would be lost.
                    dialer.drop(connection, "a fragmented message");
                    return;
                }
                onMessage(connection, in, from, to, nowNs);
            }
            case CLOSE ->
                dialer.drop(
                        connection,
                        "closed by the server"
                                + (to - from >= 2
                                        ? " with " + ((in.get(from) & 0xFF) << 8 | (in.get(from + 1) & 0xFF)) + " "
                                                + Ascii.text(in, from + 2, to)
                                        : ""));
            case PING -> {
                in.get(from, scratch, 0, to - from);
                writeFrame(connection, PONG, to - from);
                connection.flush();
            }
            case PONG -> {}
            default -> dialer.drop(connection, "an unknown opcode " + (first & 0x0F));
        }
    }

    private void onMessage(Connection connection, ByteBuffer in, int from, int to, long nowNs) {
        int at = connection.subscriber ? marker.read(in, from, to) : -1;
        if (at >= 0) {
            int filler = options.size - Marker.MAX_BYTES - 8;
            do {
                tally.onDelivery(connection, marker, nowNs);
                at = marker.read(in, Math.min(to, at + Math.max(0, filler)), to);
            } while (at >= 0);
            return;
        }
        if (options.protocol == LoadOptions.Protocol.ROUTE) {
            if (Ascii.find(in, from, to, FAILURE) == from) {
                dialer.onRefusal(connection, Ascii.text(in, from, Math.min(to, from + 300)));
                connection.acknowledged();
            } else {
                tally.onAck(connection, nowNs);
            }
            return;
        }
        if (!nativeFrames) {
            tally.onUnmarked();
            return;
        }
        at = Ascii.find(in, from, to, TYPE);
        while (at >= 0) {
            at += TYPE.length;
            int kind = at < to ? in.get(at) : 0;
            if (kind == 'r' && at + 2 < to && in.get(at + 2) == 'p') {
                onReply(connection, nowNs);
            } else if (kind == 'p' && at + 1 < to && in.get(at + 1) == 'r') {
                onPresence(connection, in, at, to);
            } else if (kind == 'e') {
                dialer.onRefusal(connection, Ascii.text(in, from, Math.min(to, from + 300)));
                if (options.acks && connection.publisher) {
                    connection.acknowledged();
                }
            }
            at = Ascii.find(in, at, to, TYPE);
        }
    }

    private void onPresence(Connection connection, ByteBuffer in, int from, int to) {
        int at = Ascii.find(in, from, to, COUNT);
        if (at >= 0) {
            tally.onPresence(connection, Digits.read(in, at + COUNT.length, to));
        }
    }

    private void onReply(Connection connection, long nowNs) {
        if (connection.state == Connection.State.SUBSCRIBING) {
            if (++connection.confirmed == options.topicsPerSubscriber) {
                dialer.onReady(connection);
            }
        } else if (connection.publisher) {
            tally.onAck(connection, nowNs);
        }
    }

    // ---- writing

    private void onOpen(Connection connection) {
        if (!nativeFrames || !connection.subscriber) {
            dialer.onReady(connection);
            return;
        }
        connection.state = Connection.State.SUBSCRIBING;
        for (int i = 0; i < options.topicsPerSubscriber; i += SUBSCRIBES_A_FRAME) {
            int upTo = Math.min(options.topicsPerSubscriber, i + SUBSCRIBES_A_FRAME);
            StringBuilder frames = new StringBuilder(upTo - i == 1 ? "" : "[");
            for (int j = i; j < upTo; j++) {
                frames.append(j == i ? "" : ",")
                        .append("{\"action\":\"subscribe\",\"topic\":\"")
                        .append(options.topic((connection.group + j) % options.groups))
                        .append("\",\"id\":")
                        .append(j + 1)
                        .append('}');
            }
            byte[] bytes = Ascii.bytes(
                    upTo - i == 1 ? frames.toString() : frames.append(']').toString());
            writeFrame(connection, TEXT, bytes, bytes.length);
        }
        connection.flush();
    }

    @Override
    public void publish(Connection connection, long intendedNs, long number, int topic) {
        if (options.protocol == LoadOptions.Protocol.ROUTE) {
            System.arraycopy(CALL, 0, scratch, 0, CALL.length);
            int at = Marker.write(
                    scratch, CALL.length, intendedNs, connection.index, number, options.size - CALL.length - 2);
            System.arraycopy(suffix, 0, scratch, at, suffix.length);
            writeFrame(connection, TEXT, at + suffix.length);
            return;
        }
        if (!nativeFrames) {
            int end = Marker.write(scratch, 0, intendedNs, connection.index, number, options.size);
            writeFrame(connection, TEXT, end);
            return;
        }
        byte[] prefix = prefix(topic);
        System.arraycopy(prefix, 0, scratch, 0, prefix.length);
        int at = Marker.write(scratch, prefix.length, intendedNs, connection.index, number, options.size - 8);
        System.arraycopy(suffix, 0, scratch, at, suffix.length);
        at += suffix.length;
        if (options.acks) {
            System.arraycopy(ID, 0, scratch, at, ID.length);
            at = Digits.write(scratch, at + ID.length, number + 1);
        }
        scratch[at++] = '}';
        writeFrame(connection, TEXT, at);
    }

    /// The payload is `{"d":"…"}`, whose eight bytes of dress belong to its size.
    private byte[] prefix(int topic) {
        byte[] prefix = prefixes[topic];
        if (prefix == null) {
            prefix = Ascii.bytes(
                    "{\"action\":\"publish\",\"topic\":\"" + options.topic(topic) + "\",\"message\":{\"d\":\"");
            prefixes[topic] = prefix;
        }
        return prefix;
    }

    private void writeFrame(Connection connection, int opcode, int length) {
        write(connection, opcode, words, length);
    }

    private void writeFrame(Connection connection, int opcode, byte[] bytes, int length) {
        write(connection, opcode, ByteBuffer.wrap(bytes), length);
    }

    private void write(Connection connection, int opcode, ByteBuffer payload, int length) {
        ByteBuffer out = connection.reserve(length + 14).order(java.nio.ByteOrder.BIG_ENDIAN);
        int start = connection.end();
        int at = start;
        out.put(at++, (byte) (0x80 | opcode));
        if (length < 126) {
            out.put(at++, (byte) (0x80 | length));
        } else if (length < 65_536) {
            out.put(at++, (byte) (0x80 | 126));
            out.putShort(at, (short) length);
            at += 2;
        } else {
            out.put(at++, (byte) (0x80 | 127));
            out.putLong(at, length);
            at += 8;
        }
        random ^= random << 13;
        random ^= random >>> 7;
        random ^= random << 17;
        int mask = (int) random;
        out.putInt(at, mask);
        at += 4;
        long wide = (long) mask << 32 | (mask & 0xFFFF_FFFFL);
        int i = 0;
        for (; i + 8 <= length; i += 8) {
            out.putLong(at + i, payload.getLong(i) ^ wide);
        }
        for (; i < length; i++) {
            out.put(at + i, (byte) (payload.get(i) ^ mask >>> (24 - 8 * (i & 3))));
        }
        connection.advance(at + length - start);
    }
}
