/// The log: what a topic's messages are, and where they are kept. A topic's name, its messages and their offsets,
/// and the ports by which an engine stores them and tells of what was stored. Everything else stands on this
/// package; it stands on nothing.
@NullMarked
package io.topicstream.log;

import org.jspecify.annotations.NullMarked;
