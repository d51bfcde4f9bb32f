package io.topicstream.session;

import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.protocol.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A session's record as bytes.
///
/// ```
/// 1 byte   version, 2
/// text     connection id
/// text?    user, text? display name, text kind of credential, text? its id
/// 2 bytes  number of grants; each: text pattern, 1 byte number of permissions, each a text
/// 8 bytes  when the credential ends, epoch milliseconds
/// 8 bytes  when it was issued, epoch milliseconds; -1: it is not known
/// text     stage
/// text     wire format
/// 1 byte   length of the address, and the address
/// 1 byte   number of attributes, by name; each: text name, text value
/// ```
///
/// Numbers are big-endian; `text` is two bytes of length and UTF-8; `text?` has a byte before it, 0 where the
/// text is missing and else 1. Reading is strict: bytes that this version would not have written are refused.
public final class SessionCodec {
    private static final byte VERSION = 2;
    private static final int MAX_TEXT_BYTES = 0xFFFF;

    private SessionCodec() {}

    /// Writes a record.
    public static byte[] encode(SessionRecord record) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            writeText(out, record.connectionId());
            Identity who = record.identity();
            writeNullable(out, who.user());
            writeNullable(out, who.name());
            writeText(out, who.credential().name());
            writeNullable(out, who.credentialId());
            out.writeShort(who.grants().size());
            for (Grant grant : who.grants()) {
                writeText(out, grant.pattern());
                out.writeByte(grant.permissions().size());
                for (Permission permission : EnumSet.copyOf(grant.permissions())) {
                    writeText(out, permission.wireName());
                }
            }
            out.writeLong(who.expiresAtMs());
            out.writeLong(who.issuedAtMs());
            writeText(out, record.stage());
            writeText(out, record.format().name());
            byte[] address = record.address().getAddress();
            out.writeByte(address.length);
            out.write(address);
            Map<String, String> attributes = new TreeMap<>(record.attributes().values());
            out.writeByte(attributes.size());
            for (Map.Entry<String, String> attribute : attributes.entrySet()) {
                writeText(out, attribute.getKey());
                writeText(out, attribute.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /// Reads a record.
    ///
    /// @throws IllegalStateException if the bytes are no record of ours
    public static SessionRecord decode(byte[] value) {
        SessionRecord record;
        try {
            record = read(ByteBuffer.wrap(value));
        } catch (BufferUnderflowException
                | CharacterCodingException
                | UnknownHostException
                | IllegalArgumentException e) {
            throw new IllegalStateException("a session's record is damaged", e);
        }
        if (!Arrays.equals(encode(record), value)) {
            throw new IllegalStateException("a session's record is not as it would have been written");
        }
        return record;
    }

    private static SessionRecord read(ByteBuffer in) throws CharacterCodingException, UnknownHostException {
        byte version = in.get();
        if (version != VERSION) {
            throw new IllegalStateException("a session's record of version " + version + " is not known here");
        }
        String connectionId = text(in);
        String user = nullable(in);
        String name = nullable(in);
        Identity.Credential credential = Identity.Credential.valueOf(text(in));
        String credentialId = nullable(in);
        List<Grant> grants = new ArrayList<>();
        for (int left = Short.toUnsignedInt(in.getShort()); left > 0; left--) {
            grants.add(grant(in));
        }
        Identity identity = new Identity(user, name, credential, credentialId, grants, in.getLong(), in.getLong());
        String stage = text(in);
        WireFormat format = WireFormat.valueOf(text(in));
        byte[] address = new byte[Byte.toUnsignedInt(in.get())];
        in.get(address);
        Map<String, String> attributes = new HashMap<>();
        for (int left = Byte.toUnsignedInt(in.get()); left > 0; left--) {
            attributes.put(text(in), text(in));
        }
        return new SessionRecord(
                connectionId, identity, stage, format, InetAddress.getByAddress(address), Attributes.of(attributes));
    }

    private static Grant grant(ByteBuffer in) throws CharacterCodingException {
        String pattern = text(in);
        Set<Permission> permissions = EnumSet.noneOf(Permission.class);
        for (int left = Byte.toUnsignedInt(in.get()); left > 0; left--) {
            String name = text(in);
            Permission permission = Permission.of(name);
            if (permission == null) {
                throw new IllegalArgumentException("no permission: " + name);
            }
            permissions.add(permission);
        }
        return new Grant(pattern, permissions);
    }

    private static void writeText(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_TEXT_BYTES) {
            throw new IllegalArgumentException("a text of a session's record is at most " + MAX_TEXT_BYTES + " bytes");
        }
        out.writeShort(bytes.length);
        out.write(bytes);
    }

    private static String text(ByteBuffer in) throws CharacterCodingException {
        int length = Short.toUnsignedInt(in.getShort());
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        ByteBuffer bytes = in.slice(in.position(), length);
        in.position(in.position() + length);
        return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    }

    private static void writeNullable(DataOutputStream out, @Nullable String text) throws IOException {
        out.writeBoolean(text != null);
        if (text != null) {
            writeText(out, text);
        }
    }

    private static @Nullable String nullable(ByteBuffer in) throws CharacterCodingException {
        return in.get() == 0 ? null : text(in);
    }
}
