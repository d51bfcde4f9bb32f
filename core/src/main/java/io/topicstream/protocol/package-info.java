/// What is said on a connection: all frames as sealed records, and the error codes. Behaviour lives in the
/// commands.
@NullMarked
package io.topicstream.protocol;

import org.jspecify.annotations.NullMarked;
