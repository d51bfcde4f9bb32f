package io.topicstream.server.crash;

/// The payloads of the load: a JSON text that follows from the message's id, so that whoever reads one can say
/// which message it is and whether it is whole.
final class Texts {
    private static final String END = "|whole";
    private static final int USUAL_CHARACTERS = 200;
    private static final int LARGE_CHARACTERS = 6000;

    private Texts() {}

    /// What stands between the quotes. One in sixteen is larger than a page of memory.
    static String of(String id) {
        int hash = id.hashCode() * 0x9E3779B9;
        int characters = (hash >>> 28 == 0 ? LARGE_CHARACTERS : USUAL_CHARACTERS) * (hash >>> 4 & 0xFF) / 256;
        return id + "|" + String.valueOf((char) ('a' + Math.floorMod(hash, 26))).repeat(characters) + END;
    }

    /// The id of the message that has this text, or a description of what it has instead.
    static String label(String text) {
        int bar = text.indexOf('|');
        if (bar > 0) {
            String id = text.substring(0, bar);
            if (of(id).equals(text)) {
                return id;
            }
        }
        return "damaged: " + text;
    }

    /// The text that follows `before` and ends at the next quote.
    static String between(String frame, String before) {
        int start = frame.indexOf(before);
        if (start < 0) {
            throw new AssertionError("no " + before + " in " + frame);
        }
        int end = frame.indexOf('"', start + before.length());
        return frame.substring(start + before.length(), end < 0 ? frame.length() : end);
    }
}
