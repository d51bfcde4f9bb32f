package io.topicstream.gateway.definition;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.IntStream;

/// Which known name was meant by an unknown one.
final class Spelling {
    /// The most names that one is compared with: CloudFormation has no more resources in a template.
    private static final int MOST_KNOWN = 500;
    /// The longest name that is compared, in characters.
    private static final int LONGEST = 64;

    /// The most letters that differ in a slip.
    private static final int MOST_CHANGES = 3;

    private static final int FAR = 1000;

    private Spelling() {}

    /// The question that goes behind a sentence, or nothing where no known name is near.
    static String didYouMean(String unknown, Collection<String> known) {
        if (known.size() > MOST_KNOWN) {
            return "";
        }
        String best = "";
        int bestDistance = Integer.MAX_VALUE;
        for (String name : known) {
            int distance = distance(unknown, name);
            if (distance < bestDistance && distance <= Math.clamp(name.length() / 3, 1, MOST_CHANGES)) {
                best = name;
                bestDistance = distance;
            }
        }
        return best.isEmpty() ? "" : "; did you mean " + best + "?";
    }

    /// Letters to insert, delete, replace or swap with their neighbour; case does not count.
    private static int distance(String one, String other) {
        if (Math.abs(one.length() - other.length()) > MOST_CHANGES || other.length() > LONGEST) {
            return FAR;
        }
        String a = one.toLowerCase(Locale.ROOT);
        String b = other.toLowerCase(Locale.ROOT);
        int[] before = new int[0];
        int[] above = IntStream.rangeClosed(0, b.length()).toArray();
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            Arrays.fill(row, FAR);
            row[0] = i;
            // Farther from the diagonal the names differ too much anyway.
            for (int j = Math.max(1, i - MOST_CHANGES); j <= Math.min(b.length(), i + MOST_CHANGES); j++) {
                int replaced = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, 1 + Math.min(above[j], row[j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    row[j] = Math.min(row[j], 1 + before[j - 2]);
                }
            }
            before = above;
            above = row;
        }
        return above[b.length()];
    }
}
