package io.topicstream.settings;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/// Which known name somebody meant who wrote an unknown one.
public final class Nearest {
    private Nearest() {}

    /// The known name with the fewest letters to change, if few enough of them for a slip: a third of its length, at
    /// least one and at most three.
    public static @Nullable String to(String unknown, Collection<String> known) {
        @Nullable String best = null;
        int bestDistance = Integer.MAX_VALUE;
        for (String name : known) {
            int distance = distance(unknown, name);
            if (distance < bestDistance && distance <= Math.clamp(name.length() / 3, 1, 3)) {
                best = name;
                bestDistance = distance;
            }
        }
        return best;
    }

    /// The sentence that goes behind a problem, or nothing.
    public static String didYouMean(String unknown, Collection<String> known) {
        @Nullable String name = to(unknown, known);
        return name == null ? "" : "; did you mean " + name + "?";
    }

    /// Letters to insert, delete, replace, or swap with their neighbour.
    private static int distance(String a, String b) {
        if (Math.abs(a.length() - b.length()) > 3) {
            return Integer.MAX_VALUE;
        }
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                    continue;
                }
                int replaced = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                cost[i][j] = Math.min(replaced, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    cost[i][j] = Math.min(cost[i][j], 1 + cost[i - 2][j - 2]);
                }
            }
        }
        return cost[a.length()][b.length()];
    }
}
