package io.topicstream.settings.section;

import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A set of addresses, as the setting `server.trusted_proxies` lists them: `192.0.2.1`, `10.0.0.0/8`, `fd00::/8`.
///
/// @param all each network
public record Networks(List<Network> all) {
    /// Reads entries that are right ([#isEntry]).
    public static Networks of(List<String> entries) {
        return new Networks(
                entries.stream().map(Network::parse).filter(Objects::nonNull).toList());
    }

    /// Whether the text can stand in the list.
    public static boolean isEntry(String text) {
        return Network.parse(text) != null;
    }

    /// Whether the address is one of them.
    public boolean contains(InetAddress address) {
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).contains(address)) {
                return true;
            }
        }
        return false;
    }

    public boolean isEmpty() {
        return all.isEmpty();
    }

    /// The addresses that begin as this one.
    ///
    /// @param bits how many of them count
    record Network(InetAddress first, int bits) {
        static @Nullable Network parse(String text) {
            int slash = text.indexOf('/');
            String literal = slash < 0 ? text : text.substring(0, slash);
            if (!literal.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-fA-F.]*:[0-9a-fA-F:.]*")) {
                return null;
            }
            InetAddress first;
            try {
                first = InetAddress.ofLiteral(literal);
            } catch (IllegalArgumentException e) {
                return null;
            }
            int all = first.getAddress().length * Byte.SIZE;
            if (slash < 0) {
                return new Network(first, all);
            }
            String bits = text.substring(slash + 1);
            if (!bits.matches("[0-9]{1,3}") || Integer.parseInt(bits) > all) {
                return null;
            }
            Network network = new Network(first, Integer.parseInt(bits));
            // Bits behind the prefix are most often a slip: 10.0.0.1/8 may mean one address or sixteen million.
            return network.endsInZeros() ? network : null;
        }

        private boolean endsInZeros() {
            byte[] bytes = first.getAddress();
            for (int bit = bits; bit < bytes.length * Byte.SIZE; bit++) {
                if ((bytes[bit / Byte.SIZE] & (0x80 >> bit % Byte.SIZE)) != 0) {
                    return false;
                }
            }
            return true;
        }

        boolean contains(InetAddress address) {
            byte[] mine = first.getAddress();
            byte[] other = address.getAddress();
            if (mine.length != other.length) {
                return false;
            }
            int whole = bits / Byte.SIZE;
            for (int i = 0; i < whole; i++) {
                if (mine[i] != other[i]) {
                    return false;
                }
            }
            int mask = bits % Byte.SIZE == 0 ? 0 : 0xFF << (Byte.SIZE - bits % Byte.SIZE);
            return mask == 0 || ((mine[whole] ^ other[whole]) & mask) == 0;
        }
    }
}
