@NullMarked
package io.topicstream.aws.audience;

import org.jspecify.annotations.NullMarked;
