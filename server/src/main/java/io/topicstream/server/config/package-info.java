/// The configuration: the table of all settings ([io.topicstream.server.config.Settings]), the reading of the
/// file, the environment and the flags against it, what comes of it
/// ([io.topicstream.server.config.ServerConfig]), what `config check` prints and the page in `docs/`.
@NullMarked
package io.topicstream.server.config;

import org.jspecify.annotations.NullMarked;
