package io.topicstream.cli;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;

/// The few forms of DER (ITU-T X.690) of which certificates are made. Each method returns a whole element.
final class Der {
    private static final int BOOLEAN = 0x01;
    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int OCTET_STRING = 0x04;
    private static final int OBJECT_IDENTIFIER = 0x06;
    private static final int UTF8_STRING = 0x0C;
    private static final int UTC_TIME = 0x17;
    private static final int GENERALIZED_TIME = 0x18;
    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;
    private static final int FIRST_GENERALIZED_YEAR = 2050;

    private Der() {}

    static byte[] element(int tag, byte[]... contents) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : contents) {
            content.writeBytes(part);
        }
        int length = content.size();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else {
            byte[] bytes = BigInteger.valueOf(length).toByteArray();
            int from = bytes[0] == 0 ? 1 : 0;
            out.write(0x80 | (bytes.length - from));
            out.write(bytes, from, bytes.length - from);
        }
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }

    static byte[] sequence(byte[]... elements) {
        return element(SEQUENCE, elements);
    }

    static byte[] sequence(List<byte[]> elements) {
        return element(SEQUENCE, elements.toArray(byte[][]::new));
    }

    static byte[] set(byte[] only) {
        return element(SET, only);
    }

    static byte[] truth() {
        return element(BOOLEAN, new byte[] {(byte) 0xFF});
    }

    static byte[] integer(BigInteger value) {
        return element(INTEGER, value.toByteArray());
    }

    /// @param unused how many bits at the end do not count
    static byte[] bits(int unused, byte[] bytes) {
        return element(BIT_STRING, new byte[] {(byte) unused}, bytes);
    }

    static byte[] octets(byte[] bytes) {
        return element(OCTET_STRING, bytes);
    }

    static byte[] text(String text) {
        return element(UTF8_STRING, text.getBytes(StandardCharsets.UTF_8));
    }

    /// @param dotted for instance `2.5.29.17`
    static byte[] identifier(String dotted) {
        String[] parts = dotted.split("\\.", -1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(Integer.parseInt(parts[0]) * 40 + Integer.parseInt(parts[1]));
        for (int i = 2; i < parts.length; i++) {
            int value = Integer.parseInt(parts[i]);
            for (int shift = 28; shift > 0; shift -= 7) {
                if (value >>> shift != 0) {
                    out.write(0x80 | (value >>> shift & 0x7F));
                }
            }
            out.write(value & 0x7F);
        }
        return element(OBJECT_IDENTIFIER, out.toByteArray());
    }

    /// To the second, in the form that RFC 5280 wants for its year.
    static byte[] time(Instant time) {
        boolean isLate = time.atZone(ZoneOffset.UTC).getYear() >= FIRST_GENERALIZED_YEAR;
        String text = DateTimeFormatter.ofPattern(isLate ? "uuuuMMddHHmmss'Z'" : "uuMMddHHmmss'Z'")
                .withZone(ZoneOffset.UTC)
                .format(time);
        return element(isLate ? GENERALIZED_TIME : UTC_TIME, text.getBytes(StandardCharsets.US_ASCII));
    }
}
