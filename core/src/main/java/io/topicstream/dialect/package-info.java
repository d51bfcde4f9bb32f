/// The codecs between the frames of [io.topicstream.protocol] and the JSON of each kind of client. A dialect
/// decides nothing: behaviour lives in the commands. A [io.topicstream.dialect.Handshake] is what a WebSocket begins
/// with.
@NullMarked
package io.topicstream.dialect;

import org.jspecify.annotations.NullMarked;
