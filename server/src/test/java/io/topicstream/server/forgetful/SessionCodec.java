package io.topicstream.server.forgetful;

import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.protocol.WireFormat;
import io.topicstream.session.SessionRecord;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a session knows of its client, as bytes.
///
/// ```
/// 1 byte   version, 1
/// text     connection id
/// text?    user, text? display name, text kind of credential, text? its id
/// 2 bytes  number of grants; each: text pattern, 1 byte number of permissions, each a text
/// 8 bytes  when the credential ends, epoch milliseconds
/// text     wire format
/// 1 byte   length of the address, and the address
/// ```
///
/// Numbers are big-endian; `text` is two bytes of length and UTF-8; `text?` has a byte before it, 0 where
/// there is none.
final class SessionCodec {
    private static final int VERSION = 1;

    private SessionCodec() {}

    static byte[] encode(SessionRecord record) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeUTF(record.connectionId());
            Identity who = record.identity();
            writeNullable(out, who.user());
            writeNullable(out, who.name());
            out.writeUTF(who.credential().name());
            writeNullable(out, who.credentialId());
            out.writeShort(who.grants().size());
            for (Grant grant : who.grants()) {
                out.writeUTF(grant.pattern());
                out.writeByte(grant.permissions().size());
                for (Permission permission : grant.permissions()) {
                    out.writeUTF(permission.name());
                }
            }
            out.writeLong(who.expiresAtMs());
            out.writeUTF(record.format().name());
            byte[] address = record.address().getAddress();
            out.writeByte(address.length);
            out.write(address);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /// @throws IllegalStateException if the bytes are no record of ours
    static SessionRecord decode(byte[] value) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(value))) {
            int version = in.readByte();
            if (version != VERSION) {
                throw new IllegalStateException("a session's record of version " + version + " is not known here");
            }
            String connectionId = in.readUTF();
            String user = readNullable(in);
            String name = readNullable(in);
            Identity.Credential credential = Identity.Credential.valueOf(in.readUTF());
            String credentialId = readNullable(in);
            int count = in.readUnsignedShort();
            List<Grant> grants = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                String pattern = in.readUTF();
                Set<Permission> permissions = EnumSet.noneOf(Permission.class);
                for (int p = in.readUnsignedByte(); p > 0; p--) {
                    permissions.add(Permission.valueOf(in.readUTF()));
                }
                grants.add(new Grant(pattern, permissions));
            }
            Identity identity = new Identity(user, name, credential, credentialId, grants, in.readLong());
            WireFormat format = WireFormat.valueOf(in.readUTF());
            byte[] address = new byte[in.readUnsignedByte()];
            in.readFully(address);
            if (in.read() >= 0) {
                throw new IllegalStateException("a session's record has too many bytes");
            }
            return new SessionRecord(connectionId, identity, format, InetAddress.getByAddress(address));
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalStateException("a session's record is damaged", e);
        }
    }

    private static void writeNullable(DataOutputStream out, @Nullable String text) throws IOException {
        out.writeBoolean(text != null);
        if (text != null) {
            out.writeUTF(text);
        }
    }

    private static @Nullable String readNullable(DataInputStream in) throws IOException {
        return in.readBoolean() ? in.readUTF() : null;
    }
}
