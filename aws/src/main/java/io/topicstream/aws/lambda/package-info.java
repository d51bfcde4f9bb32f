/// The functions: what API Gateway and other calls hand to them, and what they answer.
@NullMarked
package io.topicstream.aws.lambda;

import org.jspecify.annotations.NullMarked;
