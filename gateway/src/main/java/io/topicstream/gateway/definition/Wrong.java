package io.topicstream.gateway.definition;

import java.io.Serial;

/// What is wrong with a piece of a definition. Ends the reading of that piece; the reader of the property
/// catches it and says where it stands.
final class Wrong extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final int line;
    private final String place;

    /// @param line from 1, or 0 where it is not known
    Wrong(int line, String text) {
        this(line, "", text);
    }

    /// @param place what of the resource it is, for instance `Properties.Routes`
    Wrong(int line, String place, String text) {
        super(text, null, false, false);
        this.line = line;
        this.place = place;
    }

    /// The place of this, in a resource.
    String placeIn(String resource) {
        return place.isEmpty() ? resource : resource + "." + place;
    }

    int line() {
        return line;
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
