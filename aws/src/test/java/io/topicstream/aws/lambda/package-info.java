@NullMarked
package io.topicstream.aws.lambda;

import org.jspecify.annotations.NullMarked;
