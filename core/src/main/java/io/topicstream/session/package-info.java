/// One client's conversation: frames in, commands run in order, frames out. A session knows nothing of sockets,
/// and what it knows of its client is a small record.
@NullMarked
package io.topicstream.session;

import org.jspecify.annotations.NullMarked;
