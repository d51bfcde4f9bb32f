/// Callers whom others know: authenticators that have somebody else say who a caller is.
@NullMarked
package io.topicstream.server.identity;

import org.jspecify.annotations.NullMarked;
