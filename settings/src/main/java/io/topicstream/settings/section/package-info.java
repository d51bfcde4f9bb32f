/// The sections of a configuration that a server and the functions on AWS have in common, one a file: its settings as
/// rows ([io.topicstream.settings.Rows]), and what it makes of their values.
@NullMarked
package io.topicstream.settings.section;

import org.jspecify.annotations.NullMarked;
