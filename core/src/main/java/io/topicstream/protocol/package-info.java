/// What is said on a connection: all frames as sealed records, the error codes, and the dialects,
/// which are codecs between their own JSON and these frames. Behaviour lives in the commands; a
/// dialect decides nothing.
@NullMarked
package io.topicstream.protocol;

import org.jspecify.annotations.NullMarked;
