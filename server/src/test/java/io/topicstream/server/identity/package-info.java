@NullMarked
package io.topicstream.server.identity;

import org.jspecify.annotations.NullMarked;
