/// What is said on the wire: the frames of clients and of the server, the errors, and the dialects that read
/// frames from bytes and write them back. A payload stays opaque bytes throughout.
@NullMarked
package io.topicstream.protocol;

import org.jspecify.annotations.NullMarked;
