package io.topicstream.transport;

import org.jspecify.annotations.Nullable;

/// What a client says that it can undo.
public final class AcceptedCodings {
    private AcceptedCodings() {}

    /// Whether `Accept-Encoding` names gzip, and not with weight zero.
    public static boolean acceptsGzip(@Nullable String acceptEncoding) {
        if (acceptEncoding == null) {
            return false;
        }
        for (String coding : acceptEncoding.split(",", -1)) {
            String[] parts = coding.split(";", 2);
            if (parts[0].strip().equalsIgnoreCase("gzip")) {
                return parts.length == 1 || !parts[1].strip().matches("q=0(\\.0*)?");
            }
        }
        return false;
    }
}
