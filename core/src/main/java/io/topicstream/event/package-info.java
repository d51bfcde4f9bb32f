/// What happens beside messages, written down as messages of topics of the system.
@NullMarked
package io.topicstream.event;

import org.jspecify.annotations.NullMarked;
