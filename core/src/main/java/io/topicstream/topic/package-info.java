/// Who listens. A topic's audience, the lanes that serve it, and the subscription: a cursor on the log that is
/// either catching up or live. A published message comes to its listeners out of the log, through here.
@NullMarked
package io.topicstream.topic;

import org.jspecify.annotations.NullMarked;
