package io.topicstream.access;

import io.topicstream.state.StateRecord;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How API keys lie in the state store.
///
/// ```
/// partition   "api-keys"
/// key         the SHA-256 of the secret, 64 lower-case hexadecimal digits
/// value       1 byte   format version, 2
///             8 bytes  createdAtMs
///             text     name
///             text     hint
///             2 bytes  number of grants, 0xFFFF: the default ones, whatever they are by then
///             each     text pattern, 1 byte permissions: 1 publish, 2 subscribe, 4 read,
///                      8 presence, 16 admin, 32 metrics
///             8 bytes  expiresAtMs; Long.MAX_VALUE: never
///             8 bytes  lastUsedAtMs; 0: never
/// text        2 bytes length in bytes, UTF-8
/// ```
///
/// Numbers are big-endian. Format version 1 lacks the last two; such keys do not end, and become
/// version 2 when they are used. There is **one record per key and nothing else**: no index by name, so
/// there is no second record that a crash between two writes could leave behind or leave out. A
/// server has hundreds of keys and not millions, so whoever asks by name reads the partition. The
/// id of a key is the first 16 digits of its hash: records of one id are found by that prefix, and
/// 64 of 256 bits of the hash of 238 random bits tell nothing about the secret.
final class ApiKeyRecords {
    static final String PARTITION = "api-keys";
    /// Of a key's id, in hexadecimal digits.
    static final int ID_LENGTH = 16;
    /// The most grants of one key.
    static final int MAX_GRANTS = 100;

    private static final byte VERSION = 2;
    private static final byte VERSION_WITHOUT_TIMES = 1;
    private static final int DEFAULT_GRANTS = 0xFFFF;

    private ApiKeyRecords() {}

    static String keyOf(byte[] sha256) {
        return HexFormat.of().formatHex(sha256);
    }

    static String idOf(String recordKey) {
        return recordKey.substring(0, ID_LENGTH);
    }

    /// Whether the text can be a key's id. A prefix that is shorter would name other keys too.
    static boolean isId(String text) {
        return text.length() == ID_LENGTH
                && text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    }

    static byte[] encode(ApiKey key) {
        @Nullable List<Grant> grants = key.grants();
        int size = 1 + Long.BYTES + sizeOf(key.name()) + sizeOf(key.hint()) + Short.BYTES + 2 * Long.BYTES;
        if (grants != null) {
            for (Grant grant : grants) {
                size += sizeOf(grant.pattern()) + 1;
            }
        }
        ByteBuffer out = ByteBuffer.allocate(size).put(VERSION).putLong(key.createdAtMs());
        put(out, key.name());
        put(out, key.hint());
        out.putShort((short) (grants == null ? DEFAULT_GRANTS : grants.size()));
        if (grants != null) {
            for (Grant grant : grants) {
                put(out, grant.pattern());
                out.put(bits(grant.permissions()));
            }
        }
        return out.putLong(key.expiresAtMs()).putLong(key.lastUsedAtMs()).array();
    }

    /// @throws IllegalStateException if the record is not that of a key
    static ApiKey decode(StateRecord record) {
        try {
            ByteBuffer in = ByteBuffer.wrap(record.value());
            byte version = in.get();
            if (version != VERSION && version != VERSION_WITHOUT_TIMES) {
                throw new IllegalStateException("API key " + idOf(record.key()) + " has the format " + version
                        + ", which this version does not know");
            }
            long createdAtMs = in.getLong();
            String name = text(in);
            String hint = text(in);
            int count = Short.toUnsignedInt(in.getShort());
            @Nullable List<Grant> grants = count == DEFAULT_GRANTS ? null : new ArrayList<>();
            for (int i = 0; grants != null && i < count; i++) {
                grants.add(new Grant(text(in), permissions(in.get())));
            }
            boolean hasTimes = version != VERSION_WITHOUT_TIMES;
            return new ApiKey(
                    idOf(record.key()),
                    name,
                    hint,
                    createdAtMs,
                    grants,
                    hasTimes ? in.getLong() : Identity.NEVER,
                    hasTimes ? in.getLong() : ApiKey.NOT_USED);
        } catch (BufferUnderflowException | IllegalArgumentException | StringIndexOutOfBoundsException e) {
            throw new IllegalStateException("the record of API key " + record.key() + " is damaged", e);
        }
    }

    private static byte bits(Set<Permission> permissions) {
        int bits = 0;
        for (Permission permission : permissions) {
            bits |= bit(permission);
        }
        return (byte) bits;
    }

    private static Set<Permission> permissions(byte bits) {
        Set<Permission> permissions = EnumSet.noneOf(Permission.class);
        for (Permission permission : Permission.values()) {
            if ((bits & bit(permission)) != 0) {
                permissions.add(permission);
            }
        }
        return permissions;
    }

    /// Written down, not the ordinal: the order of the constants may change, the bits may not.
    private static int bit(Permission permission) {
        return switch (permission) {
            case PUBLISH -> 1;
            case SUBSCRIBE -> 2;
            case READ -> 4;
            case PRESENCE -> 8;
            case ADMIN -> 16;
            case METRICS -> 32;
        };
    }

    private static int sizeOf(String text) {
        return Short.BYTES + text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static void put(ByteBuffer out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.putShort((short) bytes.length).put(bytes);
    }

    private static String text(ByteBuffer in) {
        byte[] bytes = new byte[Short.toUnsignedInt(in.getShort())];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
