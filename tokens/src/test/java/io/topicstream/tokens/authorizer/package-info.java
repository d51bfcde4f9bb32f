/// Tests of the callers whom an operator's own service knows.
@NullMarked
package io.topicstream.tokens.authorizer;

import org.jspecify.annotations.NullMarked;
