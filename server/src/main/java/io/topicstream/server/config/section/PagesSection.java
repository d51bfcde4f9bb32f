package io.topicstream.server.config.section;

import io.topicstream.settings.Kind;
import io.topicstream.settings.Rows;
import io.topicstream.settings.Setting;
import io.topicstream.settings.Values;

/// The pages for browsers.
///
/// @param enabled whether there are any
public record PagesSection(boolean enabled) {
    public static final Rows ROWS = new Rows();

    private static final Setting<Boolean> ENABLED =
            ROWS.add("pages.enabled", Kind.truth(), true, "Whether the chat page is served, at `/chat/`");

    /// What the settings say.
    public static PagesSection of(Values values) {
        return new PagesSection(values.get(ENABLED));
    }
}
