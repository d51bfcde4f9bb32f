@NullMarked
package io.topicstream.aws.local;

import org.jspecify.annotations.NullMarked;
