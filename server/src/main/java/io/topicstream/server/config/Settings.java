package io.topicstream.server.config;

import io.topicstream.server.config.section.AccessSection;
import io.topicstream.server.config.section.AdminSection;
import io.topicstream.server.config.section.ConnectionSection;
import io.topicstream.server.config.section.DataSection;
import io.topicstream.server.config.section.EventsSection;
import io.topicstream.server.config.section.GatewaySection;
import io.topicstream.server.config.section.HttpSection;
import io.topicstream.server.config.section.ListenSection;
import io.topicstream.server.config.section.LogSection;
import io.topicstream.server.config.section.PagesSection;
import io.topicstream.server.config.section.PresenceSection;
import io.topicstream.server.config.section.ProcessSection;
import io.topicstream.server.config.section.ProxySection;
import io.topicstream.server.config.section.RateSection;
import io.topicstream.server.config.section.StagesSection;
import io.topicstream.server.config.section.TlsSection;
import io.topicstream.server.config.section.WebSocketSection;
import io.topicstream.settings.Setting;
import io.topicstream.settings.section.AuthorizerSection;
import io.topicstream.settings.section.DestinationSection;
import io.topicstream.settings.section.MessageSection;
import io.topicstream.settings.section.PolicySection;
import java.util.List;
import java.util.stream.Stream;

/// The table of all settings: the rows of all sections. The file, the environment, the flags, `config check` and
/// `docs/configuration.md` are made from it; a setting that is not in here does not exist.
final class Settings {
    /// All of them, in the order in which they are shown.
    static final List<Setting<?>> ALL = Stream.of(
                    ProcessSection.ROWS,
                    ListenSection.ROWS,
                    ProxySection.ROWS,
                    TlsSection.ROWS,
                    AdminSection.ROWS,
                    DataSection.ROWS,
                    AccessSection.ROWS,
                    AuthorizerSection.ROWS,
                    StagesSection.ROWS,
                    PagesSection.ROWS,
                    GatewaySection.ROWS,
                    EventsSection.ROWS,
                    DestinationSection.ROWS,
                    LogSection.ROWS,
                    MessageSection.ROWS,
                    PolicySection.ROWS,
                    PresenceSection.ROWS,
                    HttpSection.ROWS,
                    WebSocketSection.ROWS,
                    ConnectionSection.ROWS,
                    RateSection.ROWS)
            .flatMap(rows -> rows.all().stream())
            .toList();

    private Settings() {}
}
