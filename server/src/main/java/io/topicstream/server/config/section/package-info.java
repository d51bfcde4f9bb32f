/// The sections of the configuration, one a file: its settings as rows ([io.topicstream.settings.Rows]),
/// and what it makes of their values. A new setting is one row, one component and one line of one file; what two
/// settings must be to each other stands in [io.topicstream.server.config.section.SectionChecks].
@NullMarked
package io.topicstream.server.config.section;

import org.jspecify.annotations.NullMarked;
