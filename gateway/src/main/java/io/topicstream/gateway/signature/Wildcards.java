package io.topicstream.gateway.signature;

/// Patterns of policies: `*` stands for any text, also an empty one and one with slashes and colons; `?` stands for
/// one character.
public final class Wildcards {
    private Wildcards() {}

    /// Whether a text is as a pattern says. Takes no longer than the product of their lengths.
    public static boolean match(String pattern, String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int resume = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                resume = t;
            } else if (p < pattern.length() && (pattern.charAt(p) == '?' || pattern.charAt(p) == text.charAt(t))) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++resume;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
