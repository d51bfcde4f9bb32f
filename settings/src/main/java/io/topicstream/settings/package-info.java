/// What a setting is ([io.topicstream.settings.Setting]), how its value is read from what was written
/// ([io.topicstream.settings.Kind]) and kept ([io.topicstream.settings.Values]), and what is
/// said where it is wrong. Knows no setting by name.
@NullMarked
package io.topicstream.settings;

import org.jspecify.annotations.NullMarked;
