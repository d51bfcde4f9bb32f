<<<<<<< HEAD
/// What is said on a connection: all frames as sealed records, the error codes, and the dialects,
/// which are codecs between their own JSON and these frames. Behaviour lives in the commands; a
/// dialect decides nothing.
=======
/// What is said on the wire: the frames of clients and of the server, the errors, and the dialects that read
/// frames from bytes and write them back. A payload stays opaque bytes throughout.
>>>>>>> build
@NullMarked
package io.topicstream.protocol;

import org.jspecify.annotations.NullMarked;
