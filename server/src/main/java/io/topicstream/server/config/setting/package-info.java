/// What a setting is ([io.topicstream.server.config.setting.Setting]), how its value is read from what was written
/// ([io.topicstream.server.config.setting.Kind]) and kept ([io.topicstream.server.config.setting.Values]), and what is
/// said where it is wrong. Knows no setting by name.
@NullMarked
package io.topicstream.server.config.setting;

import org.jspecify.annotations.NullMarked;
