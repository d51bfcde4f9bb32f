package io.topicstream.connection;

import io.topicstream.connection.Connections.Answer;
import io.topicstream.connection.Connections.Outcome;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/// The bytes of an answer about a connection, between nodes.
///
/// | bytes | what |
/// | --- | --- |
/// | 1 | the outcome: 1 done, 2 gone, 3 unknown, 4 busy, 5 unreachable |
/// | rest | nothing, or what is told of the connection: its id, a byte (whether there is a user), the user, the address
/// (texts in Java's modified UTF-8 behind two bytes of length), two times in 8 bytes; then, in a later version,
/// a third time, a byte (whether there is a user agent), the user agent, the scope |
///
/// What follows that is of a yet later version, and is passed over.
final class AnswerCodec {
    private AnswerCodec() {}

    static byte[] encode(Answer answer) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(number(answer.outcome()));
            ConnectionInfo info = answer.info();
            if (info != null) {
                out.writeUTF(info.connectionId());
                out.writeBoolean(info.user() != null);
                if (info.user() != null) {
                    out.writeUTF(info.user());
                }
                out.writeUTF(info.address());
                out.writeLong(info.connectedAtMs());
                out.writeLong(info.lastHeardMs());
                out.writeLong(info.lastActiveMs());
                out.writeBoolean(info.userAgent() != null);
                if (info.userAgent() != null) {
                    out.writeUTF(info.userAgent());
                }
                out.writeUTF(info.scope());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /// The answer, or null where this version does not know it.
    static @Nullable Answer decode(byte[] encoded) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(encoded))) {
            Outcome outcome = outcome(in.readByte());
            if (outcome == null) {
                return null;
            }
            if (in.available() == 0) {
                return new Answer(outcome, null);
            }
            return new Answer(outcome, info(in));
        } catch (IOException _) {
            return null;
        }
    }

    private static ConnectionInfo info(DataInputStream in) throws IOException {
        ConnectionInfo first = new ConnectionInfo(
                in.readUTF(), in.readBoolean() ? in.readUTF() : null, in.readUTF(), in.readLong(), in.readLong());
        if (in.available() == 0) {
            // Of a node of an earlier version.
            return first;
        }
        return new ConnectionInfo(
                first.connectionId(),
                first.user(),
                first.address(),
                first.connectedAtMs(),
                first.lastHeardMs(),
                in.readLong(),
                in.readBoolean() ? in.readUTF() : null,
                in.readUTF());
    }

    private static int number(Outcome outcome) {
        return switch (outcome) {
            case DONE -> 1;
            case GONE -> 2;
            case UNKNOWN -> 3;
            case BUSY -> 4;
            case UNREACHABLE -> 5;
        };
    }

    private static @Nullable Outcome outcome(int number) {
        return switch (number) {
            case 1 -> Outcome.DONE;
            case 2 -> Outcome.GONE;
            case 3 -> Outcome.UNKNOWN;
            case 4 -> Outcome.BUSY;
            case 5 -> Outcome.UNREACHABLE;
            default -> null;
        };
    }
}
