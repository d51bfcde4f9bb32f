package io.topicstream.access;

import java.net.InetAddress;
import java.util.Arrays;

/// What callers are counted by who show nothing else: an IPv4 address, or the first 64 bits of an IPv6 one, which is
/// what one customer is given. Owns its array.
public record SourceAddress(byte[] bytes) {
    /// The one of an address.
    public static SourceAddress of(InetAddress address) {
        byte[] bytes = address.getAddress();
        return new SourceAddress(bytes.length > 8 ? Arrays.copyOf(bytes, 8) : bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SourceAddress that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }
}
