package io.topicstream.people;

/// Makes a name for a connection that has none, out of its id alone: `QuietOtter42`. The same id has the same name
/// on every node. Two connections may share one.
public final class FriendlyNames {
    private static final String[] ADJECTIVES = {
        "Bright",
        "Calm",
        "Cheerful",
        "Clever",
        "Eager",
        "Gentle",
        "Happy",
        "Honest",
        "Jolly",
        "Kind",
        "Lively",
        "Merry",
        "Patient",
        "Quiet",
        "Sunny"
    };
    private static final String[] ANIMALS = {
        "Badger",
        "Beaver",
        "Dolphin",
        "Finch",
        "Fox",
        "Hare",
        "Hedgehog",
        "Heron",
        "Koala",
        "Lynx",
        "Otter",
        "Owl",
        "Panda",
        "Robin",
        "Seal"
    };

    /// How many of an id's last characters its number is taken from.
    private static final int LAST = 3;

    private static final int LEAST_NUMBER = 10;
    private static final int NUMBERS = 90;

    private FriendlyNames() {}

    /// The name of a connection: an adjective, an animal, and the digits among the last three characters of its id,
    /// or two digits where those have no digit.
    public static String of(String connectionId) {
        int hash = mix(connectionId.hashCode());
        StringBuilder name = new StringBuilder(24)
                .append(ADJECTIVES[Math.floorMod(hash, ADJECTIVES.length)])
                .append(ANIMALS[Math.floorMod(hash / ADJECTIVES.length, ANIMALS.length)]);
        int length = name.length();
        for (int i = Math.max(0, connectionId.length() - LAST); i < connectionId.length(); i++) {
            char c = connectionId.charAt(i);
            if (c >= '0' && c <= '9') {
                name.append(c);
            }
        }
        if (name.length() == length) {
            name.append(LEAST_NUMBER + Math.floorMod(hash / (ADJECTIVES.length * ANIMALS.length), NUMBERS));
        }
        return name.toString();
    }

    /// Spreads what differs in a few bits over all of them.
    private static int mix(int hash) {
        int mixed = (hash ^ hash >>> 16) * 0x7FEB352D;
        mixed = (mixed ^ mixed >>> 15) * 0x846CA68B;
        return (mixed ^ mixed >>> 16) & Integer.MAX_VALUE;
    }
}
