package io.topicstream.server.config.section;

import io.topicstream.server.config.setting.Kind;
import io.topicstream.server.config.setting.Setting;
import io.topicstream.server.config.setting.Values;

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
