/// Functions: how they are invoked, wherever they run.
@NullMarked
package io.topicstream.gateway.lambda;

import org.jspecify.annotations.NullMarked;
