/// Callers of whom an operator's own HTTP service says who they are.
@NullMarked
package io.topicstream.tokens.authorizer;

import org.jspecify.annotations.NullMarked;
