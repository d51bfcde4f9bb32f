@NullMarked
package io.topicstream.aws.events;

import org.jspecify.annotations.NullMarked;
