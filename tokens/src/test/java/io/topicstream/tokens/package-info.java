/// Tests of the callers whom others know.
@NullMarked
package io.topicstream.tokens;

import org.jspecify.annotations.NullMarked;
