package io.topicstream.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A piece of the list of how far this client's user has come.
///
/// @param cursors by topic
/// @param next what the next page starts after, or null at the end
public record CursorPage(List<Cursor> cursors, @Nullable String next) {
    public CursorPage {
        cursors = List.copyOf(cursors);
    }
}
