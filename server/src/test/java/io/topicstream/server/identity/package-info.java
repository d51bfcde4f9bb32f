/// Tests of the callers whom others know.
@NullMarked
package io.topicstream.server.identity;

import org.jspecify.annotations.NullMarked;
